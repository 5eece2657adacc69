package dev.tenon.kernel.x64;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.x64.gemm.TileCheck;
import dev.tenon.nativecode.CodeRefusedException;
import dev.tenon.nativecode.Processor;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The assembled tier: whether it works, and its instruction sets.
 *
 * @param instructions the instruction sets that kernels may use; empty if the tier is off
 * @param refusal the reason why it is off, with the flag that would change it if there is one; null if it is on
 */
public record X64Tier(Set<InstructionSet> instructions, String refusal) {
    /** The values of the property that caps instruction sets, the highest one first. */
    public static final List<String> CAPS = List.of("amx", "avx512bf16", "avx512vnni", "avx512", "avxvnni", "avx2");

    /** For each cap the instruction sets that it adds to those of the caps below. */
    private static final List<Set<InstructionSet>> ADDED = List.of(
            EnumSet.of(InstructionSet.AMX_INT8, InstructionSet.AMX_BF16),
            EnumSet.of(InstructionSet.AVX512_BF16),
            EnumSet.of(InstructionSet.AVX512_VNNI),
            EnumSet.of(InstructionSet.AVX512),
            EnumSet.of(InstructionSet.AVX_VNNI),
            EnumSet.of(InstructionSet.AVX2));

    private static final String ACCESS_FLAG = "--enable-native-access=ALL-UNNAMED (on the module path: =dev.tenon.ops)";

    /**
     * Detects the tier. Asks the processor for its features and computes known answers. Products of BF16 are slower
     * than those of float32 on some processors, so both are timed, for less than a millisecond.
     *
     * @param cap one of {@link #CAPS}, or another value that allows all or, for names of older instruction sets, none
     * @return the tier
     */
    public static X64Tier detect(String cap) {
        String platform = System.getProperty("os.name", "") + " on " + System.getProperty("os.arch", "");
        boolean x64 = platform.endsWith(" amd64") || platform.endsWith(" x86_64");
        if (!platform.startsWith("Linux") || !x64) {
            return off("it is for Linux on x86-64, this is " + platform);
        }
        try {
            Set<InstructionSet> sets = capped(Processor.detect(), cap);
            boolean tiles = sets.contains(InstructionSet.AMX_INT8) || sets.contains(InstructionSet.AMX_BF16);
            if (tiles && !Processor.requestTiles()) {
                sets.removeAll(ADDED.getFirst());
            }
            if (!sets.contains(InstructionSet.AVX2)) {
                return off(cap.isEmpty() ? "the processor has no AVX2" : "capped by -Dtenon.isa.max=" + cap);
            }
            String wrong = TileCheck.check(sets);
            if (wrong == null && sets.contains(InstructionSet.AVX512_BF16) && !TileCheck.isBrainFaster()) {
                sets.remove(InstructionSet.AVX512_BF16);
            }
            return wrong == null ? new X64Tier(Set.copyOf(sets), null) : off(wrong);
        } catch (IllegalCallerException e) {
            return off("native access is denied; start java with " + ACCESS_FLAG);
        } catch (CodeRefusedException e) {
            return off(e.getMessage());
        } catch (UnsupportedOperationException | LinkageError e) {
            return off("this JVM can't call native functions: " + e);
        }
    }

    /**
     * A tier that is off.
     *
     * @param reason the reason
     * @return the tier
     */
    public static X64Tier off(String reason) {
        return new X64Tier(Set.of(), reason);
    }

    /** The instruction sets that a cap leaves. */
    static Set<InstructionSet> capped(Set<InstructionSet> found, String cap) {
        Set<InstructionSet> left = found.isEmpty() ? EnumSet.noneOf(InstructionSet.class) : EnumSet.copyOf(found);
        int first = cap.isEmpty() ? 0 : CAPS.contains(cap) ? CAPS.indexOf(cap) : CAPS.size();
        for (int i = 0; i < first; i++) {
            left.removeAll(ADDED.get(i));
        }
        return left;
    }

    /**
     * The instruction sets as readable text.
     *
     * @return one line
     */
    public String detail() {
        return "x86-64 code, "
                + instructions.stream()
                        .sorted()
                        .map(set -> set.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .collect(Collectors.joining(", "));
    }
}
