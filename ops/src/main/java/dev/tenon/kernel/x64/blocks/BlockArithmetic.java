package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.InstructionSet;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * How a tile multiplies a block, and how A is laid out for it. A tile of A has its rows beside each other, in the order in which
 * the code reads them, so that one address goes through it. Immutable.
 */
interface BlockArithmetic {
    /** The part of a function's name that stands for the operands. */
    String operands();

    /** The part of a function's name that stands for the instruction set. */
    String suffix();

    /** The width of vectors, bits. With 256 of them a panel of weights has two vectors of columns. */
    int bits();

    /** The instruction sets that the code needs. */
    Set<InstructionSet> needs();

    /** The most rows of a tile. */
    int maxRows();

    /** The panels that a tile of some rows takes at once; with vectors of 256 bits halves of them, 1, 2 or 4. */
    int panels(int rows);

    /** The bytes of a scale, float32 or float16. */
    int scaleBytes();

    /** Whether scales and zero points are loaded before a block is multiplied; if not, the code for the block does it. */
    default boolean hasPlainNumbers() {
        return true;
    }

    /** The registers that hold constants. */
    int constants();

    /** Code that loads the constants. */
    void loadConstants(BlockTileEmitter t);

    /** Writes the constants into the block of arguments. */
    void writeConstants(MemorySegment block);

    /** The turns of the loop over a block. Functions for one turn and for more have different names. */
    int turns();

    /**
     * Code that multiplies a block and adds it to the sums. Plain scales and zero points are loaded. The addresses
     * of A and of the panels go on to the next block.
     */
    void multiply(BlockTileEmitter t);

    /** Whether blocks have zero points, or minimums, of their own. */
    boolean hasZeros();

    /** The size of a tile of A of some rows, bytes. */
    long tileBytes(int rows, int k);

    /**
     * Lays out rows of A.
     *
     * @param a the matrix
     * @param at the offset of the first row
     * @param rows the rows
     * @param k the elements of a row
     * @param scratch the block of arguments, and the memory for the tile
     * @param to the offset of the tile in it
     */
    void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to);
}
