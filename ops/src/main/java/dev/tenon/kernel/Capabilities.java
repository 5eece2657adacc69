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
 * @param caches the caches of a core, by which blocks of operands are cut, but no sum and no choice between kernels
 *     whose results may differ
 * @param reassociates whether kernels may compute other products than the operator's own, as fast transforms do, where the
 *     result keeps to the operator's accuracy for operands of like magnitude. In what order a kernel adds up the operator's
 *     own products is its own matter either way
 * @param asked the id of a kernel, with the width of its vectors or without, that its table is to select or no other, so
 *     that kernels can be held against each other; null for the best of each table
 */
public record Capabilities(
        int vectorBits, int vectorRegisters, long vectorNanos, Caches caches, boolean reassociates, String asked) {
    /** The system property that caps the width of vectors. */
    public static final String WIDTH_PROPERTY = "tenon.isa.max";

    /** Plain loops only. */
    public static final Capabilities SCALAR = new Capabilities(0, 0, 0, Caches.TYPICAL);

    /**
     * A machine on which kernels may reassociate.
     *
     * @param vectorBits the width of the vector tier's registers, 128 to 512; 0 if the tier is off
     * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the tier is off
     * @param vectorNanos what is left to plain loops, nanoseconds
     * @param caches the caches of a core
     */
    public Capabilities(int vectorBits, int vectorRegisters, long vectorNanos, Caches caches) {
        this(vectorBits, vectorRegisters, vectorNanos, caches, true, null);
    }

    /**
     * The vector tier of x86-64 with AVX-512 and {@link Caches#TYPICAL}.
     *
     * @return such a machine
     */
    public static Capabilities avx512() {
        return new Capabilities(512, 32, 0, Caches.TYPICAL);
    }

    /**
     * The vector tier of x86-64 with AVX2 and {@link Caches#TYPICAL}.
     *
     * @return such a machine
     */
    public static Capabilities avx2() {
        return new Capabilities(256, 16, 0, Caches.TYPICAL);
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
        return new Capabilities(vectorBits, vectorRegisters, nanos, caches, reassociates, asked);
    }

    /**
     * The same machine with other caches.
     *
     * @param other the caches
     * @return the machine
     */
    public Capabilities withCaches(Caches other) {
        return new Capabilities(vectorBits, vectorRegisters, vectorNanos, other, reassociates, asked);
    }

    /**
     * The same machine with kernels that form the operator's own products, each once, and add them up.
     *
     * @return the machine
     */
    public Capabilities strict() {
        return new Capabilities(vectorBits, vectorRegisters, vectorNanos, caches, false, asked);
    }

    /**
     * The same machine with a kernel asked for: a table that has it selects it wherever it can take the problem, and none
     * where it can't; other tables select as ever.
     *
     * @param id the kernel's id, with the width of its vectors or without
     * @return the machine
     */
    public Capabilities asking(String id) {
        return new Capabilities(vectorBits, vectorRegisters, vectorNanos, caches, reassociates, id);
    }

    /**
     * Whether a kernel is the one that is asked for.
     *
     * @param id the kernel's id
     * @return true if it is
     */
    public boolean asks(String id) {
        return asked != null
                && id.startsWith(asked)
                && id.chars().skip(asked.length()).allMatch(Character::isDigit);
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
