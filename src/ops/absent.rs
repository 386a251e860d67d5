//! What PyTorch has and Tenscope lacks, and the nearest thing that exists. What exists is in the table, and is not named
//! here as absent; a test holds that (`tests/all/table.rs`).

const COMPLEX: &str = "there are no complex numbers; the dtypes are bool, uint8, int8 to int64, float16, bfloat16, float32 and float64";
const QUANTIZED: &str = "there are no quantized dtypes";
const SPARSE: &str = "tensors are strided; a sparse one is its `nonzero()` places and the elements there";
const MACHINE: &str = "computation is on the CPU";
const COMPILED: &str = "programs run as they are";
const COPY: &str = "call the view of that name, then `.clone()`";
const RECURRENT: &str = "write the recurrence with `linear`, `sigmoid` and `tanh`";
const BESSEL: &str =
    "of the Bessel functions there are `i0`, `i1`, `bessel_j0`, `bessel_j1`, `bessel_y0` and `bessel_y1`";
const POLYNOMIAL: &str =
    "of the polynomials there are those of Chebyshev (t, u), Hermite, Laguerre and Legendre";
const FILES: &str = "use `x.tolist()` and print it";
const AUTOCAST: &str = "there is no autocast; use `x.to(dtype)`";

/// Names that stand alone, with the nearest thing.
const NAMES: &[(&str, &str)] = &[
    ("airy_ai", BESSEL),
    ("apply_", "use a list comprehension over `x.flatten().tolist()`"),
    ("as_strided_scatter", "write through `x.clone().as_strided(..)`"),
    ("as_subclass", "tensors have one class"),
    ("binomial", "add draws of `torch.bernoulli`"),
    ("cfloat", COMPLEX),
    ("cdouble", COMPLEX),
    ("chalf", COMPLEX),
    ("compile", COMPILED),
    ("complex", COMPLEX),
    ("complex128", COMPLEX),
    ("complex32", COMPLEX),
    ("complex64", COMPLEX),
    ("dequantize", QUANTIZED),
    ("distributed", "there is one process"),
    ("fft", "a small Fourier transform is a product with a matrix of cosines and sines"),
    ("from_dlpack", "use `torch.tensor`"),
    ("from_file", FILES),
    ("frombuffer", "use `torch.tensor(list(data), dtype=torch.uint8)`"),
    ("frobenius_norm", "use `torch.linalg.matrix_norm`"),
    ("hash_tensor", "use `x.sum()`"),
    ("histogramdd", "use `torch.histogram` for each column"),
    ("istft", "there is no Fourier transform"),
    ("jit", COMPILED),
    ("ldl_factor", "use `torch.linalg.lu_factor` or `torch.linalg.cholesky`"),
    ("ldl_factor_ex", "use `torch.linalg.lu_factor_ex`"),
    ("ldl_solve", "use `torch.linalg.solve`"),
    ("load", "checkpoints cannot be read"),
    ("lobpcg", "use `torch.linalg.eigh`"),
    ("map_", "use a list comprehension"),
    ("map2_", "use a list comprehension"),
    ("matrix_sqrth", "use `torch.linalg.eigh` and the square roots of the eigenvalues"),
    ("new_empty_strided", "use `torch.empty_strided`"),
    ("nonzero_static", "use `torch.nonzero`"),
    ("norm_except_dim", "use `torch.linalg.vector_norm` with the other dims"),
    ("ormqr", "use `torch.linalg.qr` and a product"),
    ("pca_lowrank", "use `torch.linalg.svd`"),
    ("pin_memory", MACHINE),
    ("poisson", "there is no generator of Poisson numbers; `torch.rand` and `torch.exponential_` are there"),
    ("polar", COMPLEX),
    ("qscheme", QUANTIZED),
    ("record_stream", MACHINE),
    ("resize", "use `resize_`"),
    ("resize_as", "use `resize_as_`"),
    ("save", FILES),
    ("segment_reduce", "use `scatter_reduce` or `index_reduce`"),
    ("share_memory_", "there is one process"),
    ("stft", "there is no Fourier transform; `unfold` gives the windows"),
    ("sum_to_size", "use `x.sum(dims, keepdim=True)`"),
    ("svd_lowrank", "use `torch.linalg.svd`"),
    ("symeig", "use `torch.linalg.eigh`"),
    ("to_mkldnn", MACHINE),
    ("uint16", "use `torch.int32`"),
    ("uint32", "use `torch.int64`"),
    ("uint64", "use `torch.int64`"),
    ("utils", "a data loader is a loop over slices"),
    ("vmap", "broadcasting and `einsum` go over batches"),
];

/// Names that begin in a way.
const BEGINNINGS: &[(&str, &str)] = &[
    ("autocast", AUTOCAST),
    ("get_autocast", AUTOCAST),
    ("is_autocast", AUTOCAST),
    ("set_autocast", AUTOCAST),
    ("bits", QUANTIZED),
    ("choose_qparams", QUANTIZED),
    ("cudnn_", MACHINE),
    ("fake_quantize", QUANTIZED),
    ("fbgemm_", QUANTIZED),
    ("float4", "the least float is `torch.float16`"),
    ("float8", "the least float is `torch.float16`"),
    ("gru", RECURRENT),
    ("lstm", RECURRENT),
    ("rnn_", RECURRENT),
    ("mkldnn_", MACHINE),
    ("miopen_", MACHINE),
    ("modified_bessel", BESSEL),
    ("scaled_modified_bessel", BESSEL),
    ("per_channel", QUANTIZED),
    ("per_tensor", QUANTIZED),
    ("q_", QUANTIZED),
    ("qint", QUANTIZED),
    ("quint", QUANTIZED),
    ("quantize", QUANTIZED),
    ("shifted_chebyshev", POLYNOMIAL),
    ("chebyshev_polynomial", POLYNOMIAL),
    ("sparse", SPARSE),
    ("to_sparse", SPARSE),
    ("sspaddmm", SPARSE),
    ("view_as_complex", COMPLEX),
    ("view_as_real", COMPLEX),
];

/// Names that end in a way.
const ENDINGS: &[(&str, &str)] = &[("_copy", COPY)];

/// The nearest thing to a name that PyTorch has and Tenscope lacks; none where nothing is known of the name.
pub fn instead(name: &str) -> Option<&'static str> {
    let alone = NAMES.iter().find(|(known, _)| *known == name);
    let begun = || BEGINNINGS.iter().find(|(start, _)| name.starts_with(start));
    let ended = || ENDINGS.iter().find(|(end, _)| name.ends_with(end));
    alone.or_else(begun).or_else(ended).map(|(_, instead)| *instead)
}

/// The names that are listed one by one.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}
