package dev.tenon.nativecode;

import static dev.tenon.asm.InstructionSet.AMX_BF16;
import static dev.tenon.asm.InstructionSet.AMX_INT8;
import static dev.tenon.asm.InstructionSet.AVX2;
import static dev.tenon.asm.InstructionSet.AVX512;
import static dev.tenon.asm.InstructionSet.AVX512_BF16;
import static dev.tenon.asm.InstructionSet.AVX512_VNNI;
import static dev.tenon.asm.InstructionSet.AVX_VNNI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.testkit.ChildJvm;
import dev.tenon.testkit.TestData;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Instruction sets, from the answers of real processors, with systems that save more or fewer registers. */
class ProcessorTest {
    /** Kernels of Linux before 5.16 run on processors with these and don't list all of them. */
    private static final Set<InstructionSet> NAMED_LATE = EnumSet.of(AVX_VNNI, AVX512_BF16, AMX_INT8, AMX_BF16);

    private static final int X87_SSE = 0x3;
    private static final int AVX = 0x7;
    private static final int WIDE = 0xE7;
    private static final int WIDE_AND_TILES = 0x602E7;

    /** ECX of leaf 1; EBX, ECX and EDX of leaf 7; EAX of its part 1; and what they say. */
    private enum Model {
        IVY_BRIDGE(0x7FBAE3FF, 0x00000281, 0, 0, 0),
        HASWELL(0x7FFAFBFF, 0x000027AB, 0, 0x9C000000, 0, AVX2),
        SKYLAKE_X(0x7FFEFBFF, 0xD39FFFFB, 0, 0xBC000400, 0, AVX2, AVX512),
        CASCADE_LAKE(0x7FFEFBFF, 0xD39FFFFB, 0x00000818, 0xBC000400, 0, AVX2, AVX512, AVX512_VNNI),
        COOPER_LAKE(0x7FFEFBFF, 0xD39FFFFB, 0x00000818, 0xBC000400, 0x00000020, AVX2, AVX512, AVX512_VNNI, AVX512_BF16),
        ALDER_LAKE(0x7FFAFBFF, 0x239CA7EB, 0x98C027AC, 0xFC1CC410, 0x00400810, AVX2, AVX_VNNI),
        SAPPHIRE_RAPIDS(
                0x7FFEFBFF,
                0xF3BFBFFB,
                0xFB417FFE,
                0xFFDD4432,
                0x00001C30,
                AVX2,
                AVX_VNNI,
                AVX512,
                AVX512_VNNI,
                AVX512_BF16,
                AMX_INT8,
                AMX_BF16),
        ZEN_2(0x7ED8320B, 0x219C91A9, 0x00400004, 0, 0, AVX2),
        ZEN_4(0x7EFA320B, 0xF1BF97A9, 0x00405FCE, 0x10000010, 0x00000020, AVX2, AVX512, AVX512_VNNI, AVX512_BF16),
        ZEN_5(
                0x7EFA320B,
                0xF1BF97A9,
                0x18405FCE,
                0x10000110,
                0x00000030,
                AVX2,
                AVX_VNNI,
                AVX512,
                AVX512_VNNI,
                AVX512_BF16);

        private final int[] first;
        private final int[] seven;
        private final int[] sevenOne;
        private final Set<InstructionSet> sets;

        Model(int firstC, int sevenB, int sevenC, int sevenD, int sevenOneA, InstructionSet... sets) {
            first = new int[] {0, 0, firstC, 0};
            seven = new int[] {2, sevenB, sevenC, sevenD};
            sevenOne = new int[] {sevenOneA, 0, 0, 0};
            this.sets = Set.of(sets);
        }

        private Set<InstructionSet> decode(int saved) {
            return Processor.decode(first, seven, sevenOne, saved);
        }

        private Set<InstructionSet> without(InstructionSet... others) {
            Set<InstructionSet> left = EnumSet.noneOf(InstructionSet.class);
            left.addAll(sets);
            Arrays.asList(others).forEach(left::remove);
            return left;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSystemThatSavesAllRegistersLeavesEverything(Model model) {
        assertThat(model.decode(WIDE_AND_TILES)).isEqualTo(model.sets);
    }

    @ParameterizedTest
    @EnumSource
    void aSystemWithoutTilesLeavesVectors(Model model) {
        Set<InstructionSet> vectors = model.without(AMX_INT8, AMX_BF16);
        assertThat(model.decode(WIDE)).isEqualTo(vectors);
        assertThat(model.decode(WIDE_AND_TILES & ~0x20000)).isEqualTo(vectors);
        assertThat(model.decode(WIDE_AND_TILES & ~0x40000)).isEqualTo(vectors);
    }

    @ParameterizedTest
    @EnumSource
    void aSystemWithoutWideRegistersLeavesNarrowVectors(Model model) {
        Set<InstructionSet> narrow = model.without(AVX512, AVX512_VNNI, AVX512_BF16, AMX_INT8, AMX_BF16);
        assertThat(model.decode(AVX)).isEqualTo(narrow);
        for (int part : new int[] {0x20, 0x40, 0x80}) {
            assertThat(model.decode(WIDE & ~part)).isEqualTo(narrow);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSystemWithoutVectorsLeavesNothing(Model model) {
        for (int saved : new int[] {0, X87_SSE, WIDE_AND_TILES & ~0x2, WIDE_AND_TILES & ~0x4}) {
            assertThat(model.decode(saved)).isEmpty();
        }
    }

    @Test
    void theMakerIsInThreeRegisters() {
        assertThat(Processor.maker(new int[] {0x20, 0x756E6547, 0x6C65746E, 0x49656E69}))
                .isEqualTo("GenuineIntel");
        assertThat(Processor.maker(new int[] {0x10, 0x68747541, 0x444D4163, 0x69746E65}))
                .isEqualTo("AuthenticAMD");
    }

    /** A virtual machine may hide any feature. */
    @Test
    void aHiddenFeatureTakesAwayWhatNeedsIt() {
        Model m = Model.SAPPHIRE_RAPIDS;
        for (int bit : new int[] {12, 28, 29}) {
            int[] first = {0, 0, m.first[2] & ~(1 << bit), 0};
            assertThat(Processor.decode(first, m.seven, m.sevenOne, WIDE_AND_TILES))
                    .isEmpty();
        }
        for (int bit : new int[] {5, 8}) {
            assertThat(decode(m, 1, bit)).isEmpty();
        }
        for (int bit : new int[] {16, 17, 30, 31}) {
            assertThat(decode(m, 1, bit)).isEqualTo(m.without(AVX512, AVX512_VNNI, AVX512_BF16));
        }
        assertThat(decode(m, 2, 11)).isEqualTo(m.without(AVX512_VNNI));
        assertThat(decode(m, 3, 24)).isEqualTo(m.without(AMX_INT8, AMX_BF16));
        assertThat(decode(m, 3, 25)).isEqualTo(m.without(AMX_INT8));
        assertThat(decode(m, 3, 22)).isEqualTo(m.without(AMX_BF16));
        assertThat(Processor.decode(m.first, m.seven, new int[4], WIDE_AND_TILES))
                .isEqualTo(m.without(AVX_VNNI, AVX512_BF16));
    }

    private static Set<InstructionSet> decode(Model m, int word, int hiddenBit) {
        int[] seven = m.seven.clone();
        seven[word] &= ~(1 << hiddenBit);
        return Processor.decode(m.first, seven, m.sevenOne, WIDE_AND_TILES);
    }

    /** Leaves 0x1D and 0x1E of Sapphire Rapids; a virtual machine may give others. */
    @Test
    void tilesOfOtherSizesAreNotUsed() {
        int[] palette = {0x0400_2000, 0x0008_0040, 0x0000_0010, 0};
        int[] product = {0, 0x0000_4010, 0, 0};
        assertThat(Processor.hasTiles(palette, product)).isTrue();
        assertThat(Processor.hasTiles(new int[4], product)).isFalse();
        assertThat(Processor.hasTiles(palette, new int[4])).isFalse();
        assertThat(Processor.hasTiles(new int[] {0, 0x0004_0040, 16, 0}, product))
                .isFalse();
        assertThat(Processor.hasTiles(new int[] {0, 0x0008_0020, 16, 0}, product))
                .isFalse();
        assertThat(Processor.hasTiles(new int[] {0, 0x0008_0040, 8, 0}, product))
                .isFalse();
        assertThat(Processor.hasTiles(palette, new int[] {0, 0x4008, 0, 0})).isFalse();
        assertThat(Processor.hasTiles(palette, new int[] {0, 0x2010, 0, 0})).isFalse();
    }

    /** Elsewhere the bytes of a question to the processor would be other instructions, or none. */
    @Test
    void otherMachinesAreNotAsked() {
        assertThat(Processor.runs("Linux", "amd64")).isTrue();
        assertThat(Processor.runs("Linux", "x86_64")).isTrue();
        assertThat(Processor.runs("Linux", "aarch64")).isFalse();
        assertThat(Processor.runs("Linux", "i386")).isFalse();
        assertThat(Processor.runs("Mac OS X", "x86_64")).isFalse();
        assertThat(Processor.runs("Windows 11", "amd64")).isFalse();
    }

    /** In a JVM that says it is another machine. */
    @Test
    void otherMachinesGetNoCode(@TempDir Path folder) throws Exception {
        List<String> flags = List.of("--enable-native-access=ALL-UNNAMED", "-Dos.arch=riscv64");
        ChildJvm.Result child = ChildJvm.run(folder, flags, OtherMachine.class);
        assertThat(child.status()).as(child.output()).isZero();
        assertThat(child.output()).contains("[]", "machine code is for Linux on x86-64, this is Linux on riscv64");
    }

    /** The program of that JVM. */
    public static final class OtherMachine {
        private OtherMachine() {}

        public static void main(String[] arguments) {
            System.out.println(Processor.detect());
            try {
                ExecutableMemory.publish(new byte[] {1});
            } catch (CodeRefusedException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** Linux lists the same features, by names of its own: those that it knows. It may know fewer than the processor has. */
    @Test
    @Tag("vector")
    void thisProcessorHasWhatTheSystemSays(TestReporter reporter) {
        String text = SystemText.start(new File("/proc/cpuinfo"), 1 << 14);
        boolean x64 = text.contains("\nflags\t");
        TestData.needs(x64, "no flags in /proc/cpuinfo: run on Linux for x86-64", "tenon.ci");
        List<String> flags = Arrays.asList(text.lines()
                .filter(line -> line.startsWith("flags\t"))
                .findFirst()
                .orElseThrow()
                .split("\\s+"));
        Map<InstructionSet, List<String>> names = Map.of(
                AVX2, List.of("avx2", "fma", "f16c", "bmi2"),
                AVX_VNNI, List.of("avx_vnni"),
                AVX512, List.of("avx512f", "avx512bw", "avx512dq", "avx512vl"),
                AVX512_VNNI, List.of("avx512_vnni"),
                AVX512_BF16, List.of("avx512_bf16"),
                AMX_INT8, List.of("amx_tile", "amx_int8"),
                AMX_BF16, List.of("amx_tile", "amx_bf16"));
        Set<InstructionSet> found = Processor.detect();
        for (InstructionSet set : InstructionSet.values()) {
            boolean listed = flags.containsAll(names.get(set));
            if (listed || !NAMED_LATE.contains(set)) {
                assertThat(found.contains(set)).as("%s", set).isEqualTo(listed);
            } else if (found.contains(set)) {
                reporter.publishEntry("not compared", set + ": the kernel may be older than its name");
            }
        }
        boolean tiles = found.contains(AMX_INT8) || found.contains(AMX_BF16);
        reporter.publishEntry("tiles", !tiles ? "none" : Processor.requestTiles() ? "given" : "refused by the system");
    }
}
