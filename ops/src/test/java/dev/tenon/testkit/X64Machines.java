package dev.tenon.testkit;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Machines that have the assembled tier and scalar loops, and nothing else. */
public final class X64Machines {
    private static final List<Capabilities> ALL = new ArrayList<>();
    private static final List<Capabilities> OF_BYTES = new ArrayList<>();

    static {
        Set<InstructionSet> has = Tiers.detect().capabilities().instructions();
        if (has.contains(InstructionSet.AVX512)) {
            ALL.add(Capabilities.SCALAR.withInstructions(EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512)));
        }
        if (has.contains(InstructionSet.AVX2)) {
            ALL.add(Capabilities.SCALAR.withInstructions(EnumSet.of(InstructionSet.AVX2)));
        }
    }

    static {
        Set<InstructionSet> has = Tiers.detect().capabilities().instructions();
        List<Set<InstructionSet>> machines = List.of(
                EnumSet.of(
                        InstructionSet.AVX2,
                        InstructionSet.AVX512,
                        InstructionSet.AVX512_VNNI,
                        InstructionSet.AMX_INT8),
                EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI),
                EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI),
                EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512),
                EnumSet.of(InstructionSet.AVX2));
        for (Set<InstructionSet> sets : machines) {
            if (has.containsAll(sets)) {
                OF_BYTES.add(Capabilities.SCALAR.withInstructions(sets));
            }
        }
    }

    private X64Machines() {}

    /** {@return one for each width of vectors that this machine has; none if the tier is off} */
    public static List<Capabilities> all() {
        return ALL;
    }

    /** {@return those of {@link #all}, then one of scalar loops alone} */
    public static List<Capabilities> andScalar() {
        List<Capabilities> machines = new ArrayList<>(ALL);
        machines.add(Capabilities.SCALAR);
        return machines;
    }

    /** {@return one for each way to multiply bytes that this machine has; none if the tier is off} */
    public static List<Capabilities> ofBytes() {
        return OF_BYTES;
    }
}
