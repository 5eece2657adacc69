package dev.tenon.kernel.x64;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Machines on which kernels in machine code are selected, and no others but plain loops. */
public final class AssembledMachines {
    private AssembledMachines() {}

    /**
     * The machines that this one can stand for.
     *
     * @return one for each width of vectors; none if the assembled tier is not there
     */
    public static List<Capabilities> all() {
        Set<InstructionSet> has = Tiers.detect().capabilities().instructions();
        List<Capabilities> machines = new ArrayList<>();
        if (has.contains(InstructionSet.AVX512)) {
            machines.add(Capabilities.SCALAR.withInstructions(has));
        }
        if (has.contains(InstructionSet.AVX2)) {
            machines.add(Capabilities.SCALAR.withInstructions(EnumSet.of(InstructionSet.AVX2)));
        }
        return machines;
    }

    /**
     * The widths of vectors that this machine has.
     *
     * @return bits, the widest first; none if the assembled tier is not there
     */
    public static List<Integer> widths() {
        return all().stream()
                .map(m -> m.instructions().contains(InstructionSet.AVX512) ? 512 : 256)
                .toList();
    }
}
