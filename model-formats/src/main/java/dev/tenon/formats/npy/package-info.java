/**
 * NumPy's array file ({@code .npy}), read and written through {@link dev.tenon.formats.npy.Npy}.
 *
 * <p>Archives of arrays, pickled objects (they are programs) and element types that NumPy does not have do not belong
 * here. A new element type is a line in {@code NpyType}.
 */
package dev.tenon.formats.npy;
