package dev.tenon.testkit;

import static dev.tenon.asm.InstructionSet.AMX_BF16;
import static dev.tenon.asm.InstructionSet.AMX_INT8;
import static dev.tenon.asm.InstructionSet.AVX2;
import static dev.tenon.asm.InstructionSet.AVX512;
import static dev.tenon.asm.InstructionSet.AVX512_BF16;
import static dev.tenon.asm.InstructionSet.AVX512_VNNI;
import static dev.tenon.asm.InstructionSet.AVX_VNNI;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.kernel.x64.X64Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.TestReporter;

/**
 * Processors, as data: what a test expects of a kernel (its id, its cost, whether it is selected) follows from one of these,
 * and never from the processor that runs the test. Selection is tested for all of them on any machine, kernels run for those
 * whose instructions the machine has.
 *
 * <p>A test run that stands for one of them has {@code -Dtenon.test.profile} and the {@link #flags} of its JVM.
 */
public enum Profile {
    /** Any x86-64, without multiply-add and so without vectors. */
    X86_64(0, 0, "32K,256K,8M", "", "", List.of("-XX:UseAVX=0")),
    /** AVX2 and no dot products of bytes: Haswell to Comet Lake, Zen 1 to Zen 3. */
    HASWELL(256, 16, "32K,256K,8M", "avx2", "avx2", List.of("-XX:UseAVX=2"), AVX2),
    /** AVX2 with dot products of bytes in 256 bits. */
    ALDER_LAKE(256, 16, "48K,1280K,30M", "avx2", "avxvnni", List.of("-XX:UseAVX=2"), AVX2, AVX_VNNI),
    /** AVX-512 without dot products of bytes. The JVM prefers vectors of 256 bits there. */
    SKYLAKE_X(256, 16, "32K,1M,24M", "avx512", "avx512", List.of("-XX:UseAVX=2"), AVX2, AVX512),
    /** AVX-512 with dot products of bytes. */
    CASCADE_LAKE(512, 32, "32K,1M,32M", "avx512", "avx512vnni", List.of(), AVX2, AVX512, AVX512_VNNI),
    /** AVX-512 with dot products of bytes and BF16, but without those of 256 bits. */
    ZEN4(512, 32, "32K,1M,32M", "avx512", "avx512vnni", List.of(), AVX2, AVX512, AVX512_VNNI, AVX512_BF16),
    /** All but tile registers. */
    ZEN5(512, 32, "48K,1M,32M", "avx512", "avx512vnni", List.of(), AVX2, AVX_VNNI, AVX512, AVX512_VNNI, AVX512_BF16),
    /** All, with tile registers. */
    SAPPHIRE_RAPIDS(
            512,
            32,
            "48K,2M,105M",
            "avx512",
            "amx",
            List.of(),
            AVX2,
            AVX_VNNI,
            AVX512,
            AVX512_VNNI,
            AVX512_BF16,
            AMX_INT8,
            AMX_BF16),
    /** NEON. For selection only: {@code .ci/arm64} runs the kernels. */
    NEOVERSE_N1(128, 32, "64K,1M,32M", "", "", null),
    /** SVE of 256 bits. For selection only, too. */
    NEOVERSE_V1(256, 32, "64K,1M,32M", "", "", null);

    /** The system property that names the profile for which a JVM of tests stands. */
    public static final String PROPERTY = "tenon.test.profile";

    private static final String NO_MACHINE_CODE =
            "no machine code in this JVM: it is switched off, or this is not Linux for x86-64 with AVX2";

    private final int vectorBits;
    private final int vectorRegisters;
    private final Caches caches;
    private final String floatSuffix;
    private final String byteSuffix;
    private final List<String> flags;
    private final Set<InstructionSet> instructions = EnumSet.noneOf(InstructionSet.class);

    Profile(
            int vectorBits,
            int vectorRegisters,
            String caches,
            String floatSuffix,
            String byteSuffix,
            List<String> flags,
            InstructionSet... instructions) {
        this.vectorBits = vectorBits;
        this.vectorRegisters = vectorRegisters;
        this.caches = Caches.parse(caches);
        this.floatSuffix = floatSuffix;
        this.byteSuffix = byteSuffix;
        this.flags = flags;
        this.instructions.addAll(Arrays.asList(instructions));
    }

    /**
     * The profile with a name.
     *
     * @param name a name, in upper or lower case
     * @return the profile
     * @throws IllegalArgumentException if no profile has it
     */
    public static Profile named(String name) {
        for (Profile each : values()) {
            if (each.name().equalsIgnoreCase(name)) {
                return each;
            }
        }
        throw new IllegalArgumentException("-D" + PROPERTY + "=" + name
                + ": there is no such profile of a processor; allowed: "
                + String.join(
                        ", ", Arrays.stream(values()).map(Profile::toString).toList()));
    }

    /** {@return the profile for which this JVM stands; null if it stands for the machine it runs on} */
    public static Profile ofThisRun() {
        String name = System.getProperty(PROPERTY, "");
        return name.isEmpty() ? null : named(name);
    }

    /** {@return the instruction sets that kernels in machine code may use} */
    public Set<InstructionSet> instructions() {
        return Set.copyOf(instructions);
    }

    /** {@return the machine with all of its tiers, as sessions see it, where problems of all sizes use vectors} */
    public Capabilities capabilities() {
        return new Capabilities(vectorBits, vectorRegisters, 0, caches).withInstructions(instructions);
    }

    /** {@return the machine with scalar loops and machine code, as a JVM without the Vector API has them} */
    public Capabilities machineCode() {
        return Capabilities.SCALAR.withInstructions(instructions);
    }

    /** {@return the same, for a test that runs kernels; it is aborted if they can't run here} */
    public Capabilities runnable() {
        String reason = reasonAgainst();
        TestData.needs(reason == null, this + ": " + reason, "tenon.test.every.processor");
        return machineCode();
    }

    /**
     * The profiles with machine code that can run here. A test is aborted if there is none.
     *
     * @param reporter is told of those that can't
     * @return at least one
     */
    public static List<Profile> runnable(TestReporter reporter) {
        List<Profile> here = withMachineCode().stream()
                .filter(each -> TestData.isThere(
                        each.reasonAgainst() == null,
                        reporter,
                        each + ": " + each.reasonAgainst(),
                        "tenon.test.every.processor"))
                .toList();
        TestData.needs(!here.isEmpty(), NO_MACHINE_CODE, "tenon.test.every.processor");
        return here;
    }

    /** {@return the profiles with machine code, whether or not they can run here} */
    public static List<Profile> withMachineCode() {
        return Arrays.stream(values())
                .filter(each -> !each.instructions.isEmpty())
                .toList();
    }

    /** {@return the part of ids that stands for the code that multiplies floats, such as {@code avx512}; empty if there is none} */
    public String floatSuffix() {
        return floatSuffix;
    }

    /** {@return the part of ids that stands for the code that multiplies bytes where it is worth its start, such as {@code amx}} */
    public String byteSuffix() {
        return byteSuffix;
    }

    /** {@return the flags of a JVM that stands for this profile, on a machine that can run it} */
    public List<String> flags() {
        List<String> all = new ArrayList<>(flags);
        all.add("-D" + PROPERTY + "=" + this);
        return all;
    }

    /** {@return why no kernel of this profile can run in this JVM; null if they can} */
    public String reasonAgainst() {
        return reasonAgainst(Tiers.detect().capabilities().instructions());
    }

    /** {@return why no JVM with the Vector API can stand for this profile on this machine; null if one can} */
    public String reasonAgainstRun() {
        String reason = reasonAgainst(ofProcessor());
        int here = Tiers.detect().capabilities().vectorBits();
        return reason == null && vectorBits > here ? "vectors have " + here + " bits" : reason;
    }

    private String reasonAgainst(Set<InstructionSet> here) {
        if (flags == null) {
            return "it is not x86-64";
        }
        Set<InstructionSet> absent = EnumSet.copyOf(instructions);
        absent.removeAll(here);
        return absent.isEmpty() ? null : "there is no " + absent;
    }

    /** {@return whether the machine is like this} */
    public boolean isHere() {
        return ofProcessor().equals(instructions)
                && Tiers.detect().capabilities().vectorBits() == vectorBits;
    }

    /** The instruction sets of the machine, whatever the flags of this JVM allow. */
    private static Set<InstructionSet> ofProcessor() {
        return X64Tier.detect(EnumSet.allOf(InstructionSet.class), "", sets -> Set.of(), sets -> Set.of())
                .instructions();
    }

    /**
     * The profiles with machine code that can run here, one for each answer to a question: a test of kernels that depend on
     * the width of vectors alone asks for that, and does not run twice with the same width.
     *
     * @param question the property of a machine on which tested kernels depend
     * @return the profiles; none if the assembled tier is off
     */
    private static List<Profile> differingIn(Function<Profile, Object> question) {
        Map<Object, Profile> found = new LinkedHashMap<>();
        for (Profile each : withMachineCode()) {
            if (each.reasonAgainst() == null) {
                found.putIfAbsent(question.apply(each), each);
            }
        }
        return List.copyOf(found.values());
    }

    /** The same. A test is aborted if there is none. */
    private static List<Profile> runnableBy(Function<Profile, Object> question) {
        List<Profile> found = differingIn(question);
        TestData.needs(!found.isEmpty(), NO_MACHINE_CODE, "tenon.test.every.processor");
        return found;
    }

    /** {@return the same, or none, for tests of other tiers too} */
    public static List<Capabilities> ofEachWidthIfAny() {
        return machines(differingIn(Profile::floatSuffix));
    }

    /**
     * {@return machines with machine code and scalar loops, one for each width of vectors that this machine can run; the test is
     * aborted if there is none}
     */
    public static List<Capabilities> ofEachWidth() {
        return machines(runnableBy(Profile::floatSuffix));
    }

    /** {@return the widths of vectors of machine code that this machine can run, bits} */
    public static List<Integer> widths() {
        return runnableBy(Profile::floatSuffix).stream()
                .map(each -> each.instructions.contains(AVX512) ? 512 : 256)
                .toList();
    }

    /** {@return those of {@link #ofEachWidth}, then one of scalar loops alone} */
    public static List<Capabilities> ofEachWidthAndScalar() {
        List<Capabilities> machines = new ArrayList<>(ofEachWidthIfAny());
        machines.add(Capabilities.SCALAR);
        return machines;
    }

    /** {@return machines with machine code and scalar loops, one for each way to multiply bytes that this machine can run} */
    public static List<Capabilities> ofEachByteProduct() {
        return machines(runnableBy(Profile::byteSuffix));
    }

    private static List<Capabilities> machines(List<Profile> profiles) {
        return profiles.stream().map(Profile::machineCode).toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
