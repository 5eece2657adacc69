package dev.tenon.kernel.x64;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Machines on which kernels in machine code are selected, and no others but plain loops. */
public final class AssembledMachines {
    private AssembledMachines() {}

    /**
     * The machines that this one can stand for.
     *
     * @return one for each width of vectors; none if the assembled tier is not there
     */
    public static List<Capabilities> all() {
        X64Tier tier = X64Tier.detect("");
        List<Capabilities> machines = new ArrayList<>();
        if (tier.instructions().contains(InstructionSet.AVX512)) {
            machines.add(Capabilities.SCALAR.withInstructions(tier.instructions()));
        }
        if (tier.instructions().contains(InstructionSet.AVX2)) {
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
