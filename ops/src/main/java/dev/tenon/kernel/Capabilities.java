package dev.tenon.kernel;

import dev.tenon.asm.InstructionSet;
import java.util.Set;

/**
 * The capabilities of a machine and its JVM. Every selection of a kernel takes it as an argument, so that selection can be tested
 * for machines other than the one that runs the test.
 *
 * @param vectorBits the width of the vector registers, 128 to 512 bits; 0 if the vector tier is off
 * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the vector tier is off
 * @param minVectorNanos a problem that scalar loops solve in less time is not given to vector kernels, nanoseconds: a vector
 *     loop is very slow and allocates until the JVM has compiled it, and a small problem never makes up for that. 0 to use
 *     vectors for any size
 * @param caches the caches of a core. They determine block sizes, but never how a sum is split, nor which of two kernels
 *     with different results is selected
 * @param reassociates whether kernels may compute other products than the operator's own, as Winograd's minimal filtering
 *     does, as long as results keep the operator's accuracy for operands of similar magnitude. Kernels may add up the
 *     operator's own products in any order, whatever this flag says
 * @param requested the id of a kernel, with or without the width of its vectors; its table selects this kernel or none. For
 *     comparing kernels. Null to select the best kernel of each table
 * @param instructions the instruction sets that kernels in machine code may use; empty if the assembled tier is off
 */
public record Capabilities(
        int vectorBits,
        int vectorRegisters,
        long minVectorNanos,
        Caches caches,
        boolean reassociates,
        String requested,
        Set<InstructionSet> instructions) {
    /** The system property that caps the width of vectors and the instruction sets. */
    public static final String WIDTH_PROPERTY = "tenon.isa.max";

    /** So many lines are assumed where a choice must not depend on their number. */
    private static final double TYPICAL_LINES = 4;

    /** A machine that runs scalar kernels only. */
    public static final Capabilities SCALAR = new Capabilities(0, 0, 0, Caches.TYPICAL);

    /**
     * A machine on which kernels may reassociate.
     *
     * @param vectorBits the width of the vector registers, 128 to 512 bits; 0 if the vector tier is off
     * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the vector tier is off
     * @param minVectorNanos problems that scalar loops solve in less time stay scalar, nanoseconds
     * @param caches the caches of a core
     */
    public Capabilities(int vectorBits, int vectorRegisters, long minVectorNanos, Caches caches) {
        this(vectorBits, vectorRegisters, minVectorNanos, caches, true, null, Set.of());
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
     * A machine.
     *
     * @param vectorBits the width of the vector registers, 128 to 512 bits; 0 if the vector tier is off
     * @param vectorRegisters the number of vector registers, 16 or 32; 0 if the vector tier is off
     * @param minVectorNanos problems that scalar loops solve in less time stay scalar, nanoseconds
     * @param caches the caches of a core
     * @param reassociates whether kernels may compute other products than the operator's own
     * @param requested the id of a kernel, or null
     * @param instructions the instruction sets that kernels in machine code may use
     */
    public Capabilities {
        instructions = Set.copyOf(instructions);
    }

    /**
     * The same machine with other instruction sets for the assembled tier.
     *
     * @param sets the instruction sets; empty to switch the tier off
     * @return the machine
     */
    public Capabilities withInstructions(Set<InstructionSet> sets) {
        return new Capabilities(vectorBits, vectorRegisters, minVectorNanos, caches, reassociates, requested, sets);
    }

    /**
     * Whether kernels in machine code run.
     *
     * @return true if the assembled tier is on
     */
    public boolean hasMachineCode() {
        return !instructions.isEmpty();
    }

    /**
     * Whether machine code reads the panels of this machine.
     *
     * @return true if it does
     */
    public boolean assemblesPanels() {
        return CodeForm.best(CodeForm.PANELS, this) != null;
    }

    /**
     * The speeds of a core of this machine beside each other. They follow from its instructions alone.
     *
     * @return the speeds
     */
    public Ratios ratios() {
        return Ratios.of(this);
    }

    /**
     * Whether kernels in machine code multiply bytes faster than float32.
     *
     * @return true if they do
     */
    public boolean multipliesBytes() {
        return ratios().byteProducts() > 1;
    }

    /**
     * The columns of a panel of float32 that products read: two vectors.
     *
     * @return the columns; 0 if neither the vector nor the assembled tier is on
     */
    public int panelColumns() {
        if (vector()) {
            return vectorBits / Float.SIZE * 2;
        }
        return instructions.contains(InstructionSet.AVX512) ? 32 : instructions.contains(InstructionSet.AVX2) ? 16 : 0;
    }

    /**
     * Whether the vector tier is available.
     *
     * @return true if it is
     */
    public boolean vector() {
        return vectorBits > 0;
    }

    /**
     * The same machine with another {@link #minVectorNanos}.
     *
     * @param nanos problems that scalar loops solve in less time stay scalar, nanoseconds
     * @return the machine
     */
    public Capabilities withMinVectorNanos(long nanos) {
        return new Capabilities(vectorBits, vectorRegisters, nanos, caches, reassociates, requested, instructions);
    }

    /**
     * The same machine with other caches.
     *
     * @param other the caches
     * @return the machine
     */
    public Capabilities withCaches(Caches other) {
        return new Capabilities(
                vectorBits, vectorRegisters, minVectorNanos, other, reassociates, requested, instructions);
    }

    /**
     * The same machine without {@link #reassociates}: kernels form each of the operator's own products once and add them.
     *
     * @return the machine
     */
    public Capabilities strict() {
        return new Capabilities(vectorBits, vectorRegisters, minVectorNanos, caches, false, requested, instructions);
    }

    /**
     * The same machine with a requested kernel. The table that has the kernel selects it if it can take the problem, else
     * no kernel. Other tables are not affected.
     *
     * @param id the kernel's id, with or without the width of its vectors
     * @return the machine
     */
    public Capabilities requesting(String id) {
        return new Capabilities(vectorBits, vectorRegisters, minVectorNanos, caches, reassociates, id, instructions);
    }

    /**
     * Whether a kernel is the requested one.
     *
     * @param id the kernel's id
     * @return true if it is
     */
    public boolean isRequested(String id) {
        return requested != null
                && id.startsWith(requested)
                && id.chars().skip(requested.length()).allMatch(Character::isDigit);
    }

    /**
     * Why kernels of the vector tier can't take a problem.
     *
     * @param scalarNanos about how long scalar loops take for the problem, nanoseconds
     * @return the reason; null if the tier is available and the problem is large enough for it
     */
    public String refuseVector(double scalarNanos) {
        if (!vector()) {
            return "the vector tier is off";
        }
        return scalarNanos < minVectorNanos ? "too small a problem for vectors" : null;
    }

    /**
     * Why kernels of the vector tier can't take a problem of several lines, each of which is computed by itself. The number of
     * lines does not matter: a line of a batch gets the kernel, and so the bits, that it gets alone.
     *
     * @param lineNanos about how long scalar loops take for a line, nanoseconds
     * @return the reason; null if the tier is available and a few lines are large enough for it
     */
    public String refuseLines(double lineNanos) {
        return refuseVector(TYPICAL_LINES * lineNanos);
    }
}
