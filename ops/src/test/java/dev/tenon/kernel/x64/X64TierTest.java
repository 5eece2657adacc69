package dev.tenon.kernel.x64;

import static dev.tenon.asm.InstructionSet.AMX_BF16;
import static dev.tenon.asm.InstructionSet.AMX_INT8;
import static dev.tenon.asm.InstructionSet.AVX2;
import static dev.tenon.asm.InstructionSet.AVX512;
import static dev.tenon.asm.InstructionSet.AVX512_BF16;
import static dev.tenon.asm.InstructionSet.AVX512_VNNI;
import static dev.tenon.asm.InstructionSet.AVX_VNNI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.x64.gemm.TileCheck;
import dev.tenon.nativecode.Processor;
import dev.tenon.testkit.ChildJvm;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The assembled tier: caps, reasons, and JVMs that were started with each flag. */
class X64TierTest {
    private static final Set<InstructionSet> ALL = EnumSet.allOf(InstructionSet.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ENABLED = "--enable-native-access=ALL-UNNAMED";
    private static final String DENIED = "--illegal-native-access=deny";
    private static final String WARNING = "A restricted method in";

    @TempDir
    private Path folder;

    @Test
    void eachCapLeavesWhatIsBelow() {
        assertThat(X64Tier.capped(ALL, "")).isEqualTo(ALL);
        assertThat(X64Tier.capped(ALL, "amx")).isEqualTo(ALL);
        Set<InstructionSet> left = EnumSet.copyOf(ALL);
        left.removeAll(Set.of(AMX_INT8, AMX_BF16));
        assertThat(X64Tier.capped(ALL, "avx512bf16")).isEqualTo(left);
        left.remove(AVX512_BF16);
        assertThat(X64Tier.capped(ALL, "avx512vnni")).isEqualTo(left);
        left.remove(AVX512_VNNI);
        assertThat(X64Tier.capped(ALL, "avx512")).isEqualTo(left);
        left.remove(AVX512);
        assertThat(X64Tier.capped(ALL, "avxvnni")).isEqualTo(left).contains(AVX_VNNI);
        assertThat(X64Tier.capped(ALL, "avx2")).containsExactly(AVX2);
        assertThat(X64Tier.capped(ALL, "sse")).isEmpty();
        assertThat(X64Tier.capped(ALL, "neon")).isEmpty();
        assertThat(ALL).as("the argument stays").hasSize(InstructionSet.values().length);
    }

    @Test
    void aCapAddsNothing() {
        for (String cap : X64Tier.CAPS) {
            assertThat(X64Tier.capped(Set.of(AVX2), cap)).containsExactly(AVX2);
            assertThat(X64Tier.capped(Set.of(), cap)).isEmpty();
        }
    }

    @Test
    void whatIsMissingHasAReason() {
        X64Tier.Selection selection =
                new X64Tier.Selection(EnumSet.of(AVX2, AVX512, AVX512_VNNI, AVX512_BF16, AMX_INT8, AMX_BF16));
        selection.retain(EnumSet.of(AVX2, AVX512, AVX512_BF16, AMX_INT8, AMX_BF16), "capped");
        selection.remove(EnumSet.of(AMX_INT8), "wrong");
        selection.remove(EnumSet.of(AMX_BF16, AMX_INT8), "slow");
        assertThat(selection.left()).containsExactlyInAnyOrder(AVX2, AVX512, AVX512_BF16);
        assertThat(new X64Tier(selection.left(), null, selection.missing()).detail())
                .isEqualTo("x86-64 code, avx2, avx512, avx512-bf16"
                        + "; without avx-vnni (the processor has none, or the system does not save its registers)"
                        + "; without avx512-vnni (capped)"
                        + "; without amx-int8 (wrong)"
                        + "; without amx-bf16 (slow)");
        assertThat(new X64Tier(ALL, null, Map.of()).detail())
                .isEqualTo("x86-64 code, avx2, avx512, avx-vnni, avx512-vnni, avx512-bf16, amx-int8, amx-bf16");
    }

    @Test
    void wideVectorsTakeWhatNeedsThemAlong() {
        X64Tier.Selection selection = new X64Tier.Selection(ALL);
        selection.remove(EnumSet.of(AVX512), "wrong");
        assertThat(selection.left()).containsExactlyInAnyOrder(AVX2, AVX_VNNI);
        assertThat(selection.missing())
                .containsOnlyKeys(AVX512, AVX512_VNNI, AVX512_BF16, AMX_INT8, AMX_BF16)
                .containsEntry(AVX512, "wrong")
                .containsEntry(AMX_INT8, "used together with avx512 only");
    }

    /** Which products of BF16 pay follows from what a processor says of itself. */
    @Test
    void slownessIsStatedAndNotTimed() {
        for (String maker : List.of("GenuineIntel", "AuthenticAMD", "")) {
            assertThat(X64Tier.slow(ALL, maker)).isEmpty();
            assertThat(X64Tier.slow(Set.of(), maker)).isEmpty();
            // Without the instruction that rounds to BF16, tiles of it have no operands.
            assertThat(X64Tier.slow(Set.of(AVX512, AMX_BF16), maker)).containsExactly(AMX_BF16);
        }
        Set<InstructionSet> vectors = Profile.ZEN4.instructions();
        assertThat(X64Tier.slow(vectors, "AuthenticAMD")).isEmpty();
        assertThat(X64Tier.slow(vectors, "GenuineIntel")).containsExactly(AVX512_BF16);
    }

    /** A wrong answer turns off the instruction set that gave it, and no other. */
    @Test
    @Tag("vector")
    void wrongAnswersTurnInstructionSetsOff() {
        Set<InstructionSet> found = Processor.detect();
        TestData.needs(found.contains(AVX2), "no AVX2: run on x86-64 with Linux", "tenon.ci");
        for (InstructionSet set : found) {
            X64Tier tier = X64Tier.detect(ALL, "", sets -> Set.of(set), sets -> Set.of());
            if (set == AVX2) {
                assertThat(tier.refusal()).isEqualTo("a known answer came out wrong");
                assertThat(tier.instructions()).isEmpty();
            } else {
                assertThat(tier.instructions()).doesNotContain(set).contains(AVX2);
                assertThat(tier.missing()).containsEntry(set, "a known answer came out wrong");
                assertThat(tier.detail()).contains("(a known answer came out wrong)");
            }
        }
        X64Tier slow = X64Tier.detect(ALL, "", sets -> Set.of(), sets -> Set.of(AVX512_BF16));
        assertThat(slow.instructions()).doesNotContain(AVX512_BF16);
        X64Tier right = X64Tier.detect(ALL, "", TileCheck::wrong, sets -> Set.of());
        assertThat(right.missing()).doesNotContainValue("a known answer came out wrong");
        if (found.contains(AVX512)) {
            assertThat(right.instructions()).contains(AVX512);
        }
    }

    /** One JVM for each way to treat native calls. In each, the program tries all values of the properties. */
    @Test
    @Tag("vector")
    void propertiesAndFlagsDecide() throws IOException, InterruptedException {
        Set<InstructionSet> found = Processor.detect();
        boolean there = found.contains(AVX2);
        TestData.needs(there, "no AVX2: run on x86-64 with Linux", "tenon.ci");
        List<String> values = new ArrayList<>(List.of("native=auto", "native=off", "native=require", "native=maybe"));
        X64Tier.CAPS.forEach(cap -> values.add("isa.max=" + cap));
        values.addAll(List.of("isa.max=sse", "isa.max=neon", "isa.max=avx3"));
        ChildJvm enabled = start(values, ENABLED);
        ChildJvm plain = start(List.of("native=auto", "native=off", "native=require"));
        ChildJvm denied = start(List.of("native=auto", "native=auto", "native=off", "native=require"), DENIED);
        ChildJvm off = start(List.of("native=off"));

        List<String> lines = lines(enabled);
        assertThat(lines.get(0)).startsWith("native=auto assembled on x86-64 code, avx2");
        assertThat(lines.get(1)).isEqualTo("native=off assembled off switched off by -Dtenon.native=off");
        assertThat(lines.get(2)).startsWith("native=require assembled on x86-64 code, avx2");
        assertThat(lines.get(3))
                .isEqualTo("native=maybe InvalidPropertyException -Dtenon.native: 'maybe'; allowed auto, off, require;"
                        + " give it one of these values, or leave it out");
        for (int i = 0; i < X64Tier.CAPS.size(); i++) {
            checkCap(X64Tier.CAPS.get(i), found, lines.get(4 + i));
        }
        assertThat(lines.get(10)).isEqualTo("isa.max=sse assembled off capped by -Dtenon.isa.max=sse");
        assertThat(lines.get(11)).isEqualTo("isa.max=neon assembled off capped by -Dtenon.isa.max=neon");
        assertThat(lines.get(12))
                .contains("InvalidPropertyException -Dtenon.isa.max: 'avx3'; allowed amx, avx512bf16,");
        assertThat(enabled.output()).doesNotContain(WARNING);

        assertThat(lines(plain).get(0)).startsWith("native=auto assembled on x86-64 code, avx2");
        assertThat(plain.output()).containsOnlyOnce(WARNING);

        String reason = "native access is denied; start java with --enable-native-access=ALL-UNNAMED"
                + " (on the module path: =dev.tenon.ops)";
        assertThat(lines(denied))
                .containsExactly(
                        "native=auto assembled off " + reason,
                        "native=auto assembled off " + reason,
                        "native=off assembled off switched off by -Dtenon.native=off",
                        "native=require InvalidPropertyException -Dtenon.native: 'require', but the assembled tier is"
                                + " off: " + reason + "; allowed auto, off; remove the reason, or leave the property"
                                + " out");
        assertThat(lines(off)).containsExactly("native=off assembled off switched off by -Dtenon.native=off");
        assertThat(off.output()).doesNotContain(WARNING);
    }

    private static void checkCap(String cap, Set<InstructionSet> found, String line) {
        Set<InstructionSet> left = X64Tier.capped(found, cap);
        Set<InstructionSet> gone = EnumSet.copyOf(found);
        gone.removeAll(left);
        if (left.contains(AMX_INT8) && !Processor.requestTiles()) {
            left.removeAll(EnumSet.of(AMX_INT8, AMX_BF16));
        }
        left.removeAll(X64Tier.slow(left, Processor.maker()));
        assertThat(line).startsWith("isa.max=" + cap + " assembled on x86-64 code, " + names(left));
        if (!gone.isEmpty()) {
            assertThat(line).contains("without " + names(gone) + " (capped by -Dtenon.isa.max=" + cap + ")");
        }
    }

    private static String names(Set<InstructionSet> sets) {
        return String.join(
                ", ",
                sets.stream()
                        .sorted()
                        .map(set -> set.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList());
    }

    private ChildJvm start(List<String> values, String... flags) throws IOException {
        return ChildJvm.start(folder, List.of(flags), TiersProgram.class, values.toArray(new String[0]));
    }

    private static List<String> lines(ChildJvm child) throws IOException, InterruptedException {
        int status = child.await(PATIENCE);
        assertThat(status).as(child.output()).isZero();
        return child.output()
                .lines()
                .filter(line -> line.startsWith("native=") || line.startsWith("isa.max="))
                .toList();
    }
}
