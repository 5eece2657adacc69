/**
 * Looking for a better cut of kernels into blocks by measuring: a {@link dev.tenon.tune.Tuner} tries a few sizes of
 * caches around those of the machine, which a kernel's blocks follow from, and remembers the fastest by CPU, kernel and
 * shape in a {@link dev.tenon.tune.TuningFile}. No bit of a result depends on it, as none depends on
 * {@link dev.tenon.kernel.Tiling}; and where a kernel is not faster by some per cent, the model's choice stays.
 *
 * <p>What must not live here: the sizes that follow from caches, which are {@code dev.tenon.kernel.Tiling}; plans. Time is
 * taken by a {@link dev.tenon.tune.KernelTimer} alone, so that tests measure nothing.
 */
package dev.tenon.tune;
