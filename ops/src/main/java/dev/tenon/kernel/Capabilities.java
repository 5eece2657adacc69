package dev.tenon.kernel;

/**
 * What a machine and its JVM can do: the argument of every choice of a kernel, so that each choice can be tested for
 * machines that are not here.
 *
 * @param vectorBits the width of the vector tier's registers, 128 to 512; 0 if the tier is off
 * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the tier is off
 * @param vectorNanos problems that plain loops solve within this time are left to them, nanoseconds: until it is
 *     compiled, vector code takes hundreds of times longer and makes garbage, and on so little it gains nothing that
 *     would make up for it; 0 to use vectors whatever the size
 * @param l1Bytes the first-level data cache of one core, bytes
 * @param l2Bytes the second-level cache of one core, bytes
 * @param l3Bytes the last-level cache, bytes
 * @param reassociates whether kernels may compute other products and sums than the operator's own, as fast transforms
 *     do, where the result keeps to the operator's accuracy for operands of like magnitude
 */
public record Capabilities(
        int vectorBits,
        int vectorRegisters,
        long vectorNanos,
        long l1Bytes,
        long l2Bytes,
        long l3Bytes,
        boolean reassociates) {
    /** Plain loops only. */
    public static final Capabilities SCALAR = new Capabilities(0, 0, 0, 32 << 10, 1 << 20, 16 << 20);

    /**
     * A machine on which kernels may reassociate.
     *
     * @param vectorBits the width of the vector tier's registers, 128 to 512; 0 if the tier is off
     * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the tier is off
     * @param vectorNanos what is left to plain loops, nanoseconds
     * @param l1Bytes the first-level data cache of one core, bytes
     * @param l2Bytes the second-level cache of one core, bytes
     * @param l3Bytes the last-level cache, bytes
     */
    public Capabilities(
            int vectorBits, int vectorRegisters, long vectorNanos, long l1Bytes, long l2Bytes, long l3Bytes) {
        this(vectorBits, vectorRegisters, vectorNanos, l1Bytes, l2Bytes, l3Bytes, true);
    }

    /**
     * The vector tier of x86-64 with AVX-512.
     *
     * @return such a machine
     */
    public static Capabilities avx512() {
        return new Capabilities(512, 32, 0, 32 << 10, 1 << 20, 16 << 20);
    }

    /**
     * The vector tier of x86-64 with AVX2.
     *
     * @return such a machine
     */
    public static Capabilities avx2() {
        return new Capabilities(256, 16, 0, 32 << 10, 1 << 20, 16 << 20);
    }

    /**
     * Whether the vector tier is there.
     *
     * @return true if it is
     */
    public boolean vector() {
        return vectorBits > 0;
    }

    /**
     * The same machine with another bound on what is left to plain loops.
     *
     * @param nanos the bound, nanoseconds
     * @return the machine
     */
    public Capabilities withVectorNanos(long nanos) {
        return new Capabilities(vectorBits, vectorRegisters, nanos, l1Bytes, l2Bytes, l3Bytes, reassociates);
    }

    /**
     * The same machine with kernels that keep to the operator's own products and sums.
     *
     * @return the machine
     */
    public Capabilities strict() {
        return new Capabilities(vectorBits, vectorRegisters, vectorNanos, l1Bytes, l2Bytes, l3Bytes, false);
    }

    /**
     * The refusal of kernels of the vector tier.
     *
     * @param scalarNanos about how long plain loops take for the problem, nanoseconds
     * @return null if the tier is there and the problem large enough for it, else the reason
     */
    public String refuseVector(double scalarNanos) {
        if (!vector()) {
            return "the vector tier is off";
        }
        return scalarNanos < vectorNanos ? "so little that plain loops do" : null;
    }
}
