/**
 * Tenon's own package ({@code .tenon}): an optimised graph, its weights as they were read and as kernels want them, and
 * the shapes to plan for. It is made by a session to start quickly, not to be exchanged: another version of the format is
 * refused, and on another machine weights are packed anew.
 *
 * <p>A file is a header of 64 bytes, a head that says what is where, and the data, each part at a multiple of 64 bytes.
 * Header and head have checksums and are checked before anything in them is believed; so are the small constants, and all
 * of them in a file that is copied. Packed weights are checked when they are copied to their place, large constants when
 * they are copied, or packed anew for another machine; what is only ever read in part where it lies in the file, such as
 * the rows of an embedding, is not. Numbers are big-endian in header and head, data is in the machine's order.
 *
 * <p>Whoever changes the bytes of a layout, the meaning of an operator in its text form, or this format raises
 * {@code PackageLayout.VERSION}.
 */
package dev.tenon.formats.tenon;
