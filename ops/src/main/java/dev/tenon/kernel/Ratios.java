package dev.tenon.kernel;

import dev.tenon.asm.InstructionSet;
import java.util.Set;

/**
 * The speeds of one core beside each other, by which two ways to compute the same are compared. They are stated for the
 * instructions that a machine has, and never measured: some choices change the order of a sum, and two machines with the same
 * instructions, or a busy one and an idle one, must give the same bits.
 *
 * <p>A nanosecond is that of a core which starts two vector instructions in each of two cycles. Only quotients of speeds decide
 * anything, so the clock of a core does not matter.
 *
 * @param lanes the float32 numbers of a vector that products use; 1 without vectors
 * @param multiplyAddsPerNano multiplications and additions of float32, of products with packed operands
 * @param byteProducts multiplications of bytes, with exact sums, in the time of one of float32 and with what they need around
 *     them; 0 without machine code
 */
public record Ratios(int lanes, double multiplyAddsPerNano, double byteProducts) {
    /** Loops of one number at a time. */
    private static final double SCALAR_SPEED = 6;

    /** Each lane in a nanosecond. Vectors of 512 bits take longer than one of 256, by half of their width. */
    private static final double SPEED_OF_LANE = 5;

    private static final double SPEED_OF_WIDE_LANE = 4;
    private static final int WIDE_LANES = 16;

    /** Dot products of four bytes do four times as many as float32. */
    public static final double DOT_PRODUCTS = 4;

    /** Products of 16-bit numbers are twice as many, and bytes must be widened for them. */
    public static final double WIDENED_PRODUCTS = 1.3;

    /** With vectors of 512 bits, widening and what else is around such products takes what they gain. */
    private static final double WIDENED_WIDE_PRODUCTS = 1;

    /**
     * The speeds of a machine.
     *
     * @param c the machine
     * @return the speeds
     */
    static Ratios of(Capabilities c) {
        int lanes = Math.max(1, c.panelColumns() / 2);
        return new Ratios(lanes, multiplyAddsPerNano(lanes), byteProducts(c.instructions()));
    }

    /**
     * The speed of products by vectors of a width.
     *
     * @param lanes the float32 numbers of a vector; 1 without vectors
     * @return multiplications and additions in a nanosecond
     */
    public static double multiplyAddsPerNano(int lanes) {
        return lanes == 1 ? SCALAR_SPEED : lanes * (lanes >= WIDE_LANES ? SPEED_OF_WIDE_LANE : SPEED_OF_LANE);
    }

    private static double byteProducts(Set<InstructionSet> sets) {
        if (sets.contains(InstructionSet.AVX512_VNNI) || sets.contains(InstructionSet.AVX_VNNI)) {
            return DOT_PRODUCTS;
        }
        if (sets.contains(InstructionSet.AVX512)) {
            return WIDENED_WIDE_PRODUCTS;
        }
        return sets.contains(InstructionSet.AVX2) ? WIDENED_PRODUCTS : 0;
    }

    /**
     * The time of a product.
     *
     * @param multiplyAdds its multiplications and additions of float32
     * @return nanoseconds
     */
    public double nanos(double multiplyAdds) {
        return multiplyAdds / multiplyAddsPerNano;
    }
}
