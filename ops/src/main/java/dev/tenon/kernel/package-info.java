/**
 * The parts that all kernel families share. A {@link dev.tenon.kernel.Kernel} computes one step of a plan. A {@link
 * dev.tenon.kernel.KernelTable} lists the kernels of a family, the fastest first, the scalar one last. A {@link
 * dev.tenon.kernel.KernelFamily} turns an operator and the types of its operands into the problem of a table, and a {@link
 * dev.tenon.kernel.KernelSet} maps operators to families. A {@link dev.tenon.kernel.Layout} tells how the elements of an
 * operand are stored. Read {@link dev.tenon.kernel.Kernel#run} first, then {@link dev.tenon.kernel.KernelTable#choose}, then one
 * family from its problem to its loops: {@code GemmKernels}, {@code GemmProblem}, {@code ScalarGemm}.
 *
 * <p>Packages form four layers. Each may depend on those before it:
 * <ol>
 * <li>{@code dev.tenon.kernel}: this package.
 * <li>{@code dev.tenon.kernel.<family>}: the problem of a family, its layouts, its cost model.
 * <li>{@code dev.tenon.kernel.scalar.<family>} and {@code dev.tenon.kernel.vector.<family>}: the loops of a tier.
 * <li>{@code dev.tenon.kernel.table}: the tables, the only place that sees families and tiers together.
 * </ol>
 *
 * <p>Three rules keep results reproducible:
 * <ul>
 * <li>{@link dev.tenon.kernel.Tiling} is the only class that turns cache sizes into block sizes, and a kernel reports them in
 *     {@link dev.tenon.kernel.Kernel#tiling}. No sum is split by a cache size, so caches never change a bit of a result.
 * <li>A constant, or {@link dev.tenon.kernel.MicroTile}, decides how a sum is split: the terms in a block of a product, the
 *     keys in a block of attention, the elements in a block of a reduction.
 * <li>The split into parts depends on the problem and the instruction set, never on the number of threads.
 * </ul>
 *
 * <p>A kernel in which one part needs the results of all other parts has several stages ({@link
 * dev.tenon.kernel.Kernel#nextStage}), which pass on data in shared memory. A {@link dev.tenon.kernel.ScratchPool} lends
 * arrays to the runs of a kernel.
 *
 * <p>Must not live here: loops over elements, the Vector API, graphs.
 *
 * <p>To add a family: a package for its problem, one for the loops of each tier, a table in a room of {@code
 * dev.tenon.kernel.table}, and a line in {@code CoreKernels} that lists its operators.
 */
package dev.tenon.kernel;
