/**
 * Finds better block sizes of kernels by measuring. The block sizes of a kernel follow from the sizes of the caches. A
 * {@link dev.tenon.tune.Tuner} tries kernels for a few cache sizes near those of the machine. It keeps the fastest for
 * each CPU, kernel and shape in a {@link dev.tenon.tune.TuningFile}. A kernel keeps its default block sizes unless
 * others are faster by some per cent. Results have the same bits for all block sizes, see
 * {@link dev.tenon.kernel.Tiling}.
 *
 * <p>Must not live here: the rules by which block sizes follow from caches, which are in
 * {@code dev.tenon.kernel.Tiling}; plans. Only {@link dev.tenon.tune.KernelTimer} measures time, so that tests can
 * replace it.
 *
 * <p>To try more block sizes: the list of candidates in {@link dev.tenon.tune.Tuner}.
 */
package dev.tenon.tune;
