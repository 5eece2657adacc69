/**
 * Tenon's own format, the package ({@code .tenon}): an optimised graph, its weights as they were read and as kernels
 * read them, and the input shapes to plan for. A session writes a package so that another process starts quickly. It is
 * not for exchange: another version of the format is refused, and another machine packs the weights again.
 *
 * <p>A file has a header of 64 bytes, a manifest that tells the place of each part, and the data. Each part of the data
 * is at a multiple of 64 bytes. Numbers are big-endian in header and manifest. The data is in the byte order of the
 * machine.
 *
 * <p>Header and manifest have checksums, which are compared before anything else is read. Small constants are compared
 * with their checksums when the file is read. So are all constants if the file is copied. Packed weights and large
 * constants are compared when they are copied, or packed again for another machine. Constants that are read in part
 * only, such as the table of an embedding, are not compared.
 *
 * <p>Raise {@code PackageFormat.VERSION} for each change of this format, of the bytes of a layout, and of the meaning
 * of an operator in its text form.
 */
package dev.tenon.formats.tenon;
