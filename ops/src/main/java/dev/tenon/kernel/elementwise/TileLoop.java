package dev.tenon.kernel.elementwise;

/**
 * A loop over a run of elements, which computes one operator from operands that lie contiguous or repeat one element.
 * Loops are the bricks of the element-wise kernels: one driver cuts the work and calls them, and a chain of operators
 * calls one after the other over a tile that stays in the first-level cache.
 *
 * <p>Rules for all loops: addresses are bytes from the start of a native segment and multiples of the element's size;
 * a step is 1 for a contiguous operand and 0 for one element that is repeated; the number of elements is a multiple of
 * the loop's granule (1 for plain loops, the lanes of a vector for vector loops), so that no loop has a tail of its
 * own; the result may occupy the memory of a contiguous operand of the same element size, and no part of it otherwise.
 * A loop allocates nothing, keeps nothing, and takes any value, that of padding included.
 */
public sealed interface TileLoop permits UnaryLoop, BinaryLoop, TernaryLoop {}
