package dev.tenon.kernel.x64;

import dev.tenon.asm.InstructionSet;
import dev.tenon.nativecode.CodeRefusedException;
import dev.tenon.nativecode.Processor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;

/**
 * The assembled tier: whether it works, and its instruction sets.
 *
 * @param instructions the instruction sets that kernels may use; empty if the tier is off
 * @param refusal the reason why it is off, with the flag that would change it if there is one; null if it is on
 * @param missing the other instruction sets, each with the reason why kernels may not use it; empty if the tier is off
 */
public record X64Tier(Set<InstructionSet> instructions, String refusal, Map<InstructionSet, String> missing) {
    /** The values of the property that caps instruction sets, the highest one first. */
    public static final List<String> CAPS = List.of("amx", "avx512bf16", "avx512vnni", "avx512", "avxvnni", "avx2");

    private static final Set<InstructionSet> TILES = EnumSet.of(InstructionSet.AMX_INT8, InstructionSet.AMX_BF16);

    /** For each cap the instruction sets that it adds to those of the caps below. */
    private static final List<Set<InstructionSet>> ADDED = List.of(
            TILES,
            EnumSet.of(InstructionSet.AVX512_BF16),
            EnumSet.of(InstructionSet.AVX512_VNNI),
            EnumSet.of(InstructionSet.AVX512),
            EnumSet.of(InstructionSet.AVX_VNNI),
            EnumSet.of(InstructionSet.AVX2));

    private static final String ACCESS_FLAG = "--enable-native-access=ALL-UNNAMED (on the module path: =dev.tenon.ops)";

    private static final String CAPPED = "capped by -Dtenon.isa.max=";
    private static final String ABSENT = "the processor has none, or the system does not save its registers";
    private static final String SLOW = "slower than other products on this processor";
    private static final String WRONG = "a known answer came out wrong";
    private static final String NARROW = "used together with avx512 only";
    private static final String NO_TILES = "the system does not give this process the right to use tiles";

    /**
     * Detects the tier. Asks the processor for its features and computes known answers. Nothing is timed: a result may not
     * depend on how busy the machine was.
     *
     * @param findable the instruction sets that may be found: all, but in tests of other processors
     * @param cap one of {@link #CAPS}, or another value that allows all or, for names of older instruction sets, none
     * @param wrong computes known answers with instruction sets; those whose answers are wrong
     * @param slow the instruction sets that do not pay, of those that a processor has, see {@link #slow}
     * @return the tier
     */
    public static X64Tier detect(
            Set<InstructionSet> findable,
            String cap,
            UnaryOperator<Set<InstructionSet>> wrong,
            UnaryOperator<Set<InstructionSet>> slow) {
        String elsewhere = Processor.reasonAgainst();
        if (elsewhere != null) {
            return off(elsewhere);
        }
        try {
            Set<InstructionSet> found = Processor.detect();
            found.retainAll(findable);
            Selection selection = new Selection(found);
            selection.retain(capped(found, cap), CAPPED + cap);
            if (selection.hasAny(TILES) && !Processor.requestTiles()) {
                selection.remove(TILES, NO_TILES);
            }
            if (selection.has(InstructionSet.AVX2)) {
                selection.remove(wrong.apply(selection.left()), WRONG);
            }
            if (!selection.has(InstructionSet.AVX2)) {
                String reason = selection.missing().get(InstructionSet.AVX2);
                return off(found.contains(InstructionSet.AVX2) ? reason : "there is no AVX2: " + reason);
            }
            selection.remove(slow.apply(selection.left()), SLOW);
            return new X64Tier(selection.left(), null, selection.missing());
        } catch (IllegalCallerException e) {
            return off("native access is denied; start java with " + ACCESS_FLAG);
        } catch (CodeRefusedException e) {
            return off(e.getMessage());
        } catch (UnsupportedOperationException | LinkageError e) {
            return off("this JVM can't call native functions: " + e);
        }
    }

    /**
     * Instruction sets of BF16 numbers that do not pay. Intel's processors multiply them in tile registers, and take longer for
     * the same number of products with vectors than for float32. AMD's take half as long with vectors. The numbers that tile
     * registers multiply are made by the instructions for vectors.
     *
     * @param sets the instruction sets of a processor
     * @param maker the name that it gives its maker
     * @return those that it should not use
     */
    public static Set<InstructionSet> slow(Set<InstructionSet> sets, String maker) {
        boolean vectors = sets.contains(InstructionSet.AVX512_BF16);
        boolean tiles = sets.contains(InstructionSet.AMX_BF16);
        if (tiles) {
            return vectors ? Set.of() : Set.of(InstructionSet.AMX_BF16);
        }
        return vectors && maker.equals("GenuineIntel") ? Set.of(InstructionSet.AVX512_BF16) : Set.of();
    }

    /** The instruction sets that are left, and why the others are not. */
    static final class Selection {
        /** Kernels use these together with vectors of 512 bits only. */
        private static final Set<InstructionSet> WIDE = EnumSet.of(
                InstructionSet.AVX512_VNNI,
                InstructionSet.AVX512_BF16,
                InstructionSet.AMX_INT8,
                InstructionSet.AMX_BF16);

        private final Set<InstructionSet> left = EnumSet.noneOf(InstructionSet.class);
        private final Map<InstructionSet, String> missing = new EnumMap<>(InstructionSet.class);

        /**
         * All that a machine has.
         *
         * @param found its instruction sets
         */
        Selection(Set<InstructionSet> found) {
            left.addAll(EnumSet.allOf(InstructionSet.class));
            retain(found, ABSENT);
        }

        boolean has(InstructionSet set) {
            return left.contains(set);
        }

        boolean hasAny(Set<InstructionSet> sets) {
            return !Collections.disjoint(left, sets);
        }

        /** Removes all but some. */
        void retain(Set<InstructionSet> sets, String reason) {
            Set<InstructionSet> others = EnumSet.allOf(InstructionSet.class);
            others.removeAll(sets);
            remove(others, reason);
        }

        void remove(Set<InstructionSet> sets, String reason) {
            for (InstructionSet set : sets) {
                if (left.remove(set)) {
                    missing.put(set, reason);
                }
            }
            if (!left.contains(InstructionSet.AVX512)) {
                for (InstructionSet set : WIDE) {
                    if (left.remove(set)) {
                        missing.put(set, NARROW);
                    }
                }
            }
        }

        Set<InstructionSet> left() {
            return Set.copyOf(left);
        }

        Map<InstructionSet, String> missing() {
            return missing;
        }
    }

    /**
     * A tier that is off.
     *
     * @param reason the reason
     * @return the tier
     */
    public static X64Tier off(String reason) {
        return new X64Tier(Set.of(), reason, Map.of());
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
     * The instruction sets as readable text: those that kernels may use, and the others with the reasons.
     *
     * @return one line
     */
    public String detail() {
        StringBuilder text = new StringBuilder("x86-64 code, ").append(names(instructions));
        for (String reason : new LinkedHashSet<>(missing.values())) {
            Set<InstructionSet> sets = EnumSet.allOf(InstructionSet.class);
            sets.removeIf(set -> !reason.equals(missing.get(set)));
            text.append("; without ")
                    .append(names(sets))
                    .append(" (")
                    .append(reason)
                    .append(')');
        }
        return text.toString();
    }

    private static String names(Set<InstructionSet> sets) {
        StringJoiner names = new StringJoiner(", ");
        for (InstructionSet set : InstructionSet.values()) {
            if (sets.contains(set)) {
                names.add(set.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
        }
        return names.toString();
    }
}
