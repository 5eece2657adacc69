/**
 * NumPy's array file ({@code .npy}), read and written through {@link dev.tenon.formats.npy.Npy}.
 *
 * <p>What must not live here: archives of arrays, pickled objects (they are programs), element types that NumPy itself
 * does not have. A new element type is a line in {@code NpyType}.
 */
package dev.tenon.formats.npy;
