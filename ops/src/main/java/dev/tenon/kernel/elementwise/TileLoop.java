package dev.tenon.kernel.elementwise;

/**
 * A loop that computes one operator for a run of elements. Each operand is contiguous, or is one element that is repeated.
 * {@link ElementwiseKernel} calls one loop for each tile; {@link TileChain} calls several loops for a tile that stays in the
 * first-level cache.
 *
 * <p>Rules for all loops:
 * <ul>
 * <li>Offsets are bytes from the start of a native segment, and multiples of the element's size.
 * <li>A step is 1 for a contiguous operand and 0 for one element that is repeated.
 * <li>The number of elements is a multiple of the loop's granule: 1 for scalar loops, one or more vectors for vector loops.
 *     So no loop has a tail.
 * <li>The result may occupy the memory of a contiguous operand whose elements have the same size. It overlaps no operand
 *     otherwise.
 * <li>A loop allocates nothing, keeps no state, and accepts any value, because padding may hold any value.
 * </ul>
 */
public sealed interface TileLoop permits UnaryLoop, BinaryLoop, TernaryLoop {
    /**
     * Whether the loop is in machine code.
     *
     * @return false for loops in Java
     */
    default boolean isAssembled() {
        return false;
    }
}
