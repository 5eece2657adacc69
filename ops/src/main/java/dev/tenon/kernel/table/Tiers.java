package dev.tenon.kernel.table;

import dev.tenon.asm.InstructionSet;
import dev.tenon.error.InvalidPropertyException;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.vector.VectorTier;
import dev.tenon.kernel.x64.X64Tier;
import dev.tenon.kernel.x64.gemm.TileCheck;
import dev.tenon.nativecode.LargePages;
import dev.tenon.nativecode.Processor;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tiers of kernels on this JVM: which are active, which are not, why not, and the flag that would change it.
 *
 * @param capabilities the capabilities by which kernels are selected
 * @param tiers the status of each tier, the fastest first
 * @param warning the text of a warning to log once; empty for none
 */
public record Tiers(Capabilities capabilities, List<Status> tiers, String warning) {
    /** The system property that switches the vector tier off. */
    public static final String VECTOR_PROPERTY = "tenon.vector";

    private static final List<String> SWITCHES = List.of("on", "off");
    private static final List<String> NATIVE = List.of("auto", "off", "require");
    private static final List<String> WIDTHS =
            Stream.concat(X64Tier.CAPS.stream(), Stream.of("sse", "neon")).toList();

    /** The instruction sets of the processor for which a JVM of tests stands; null if it stands for its own. */
    private static volatile Set<InstructionSet> assumed;

    private static final String ASSEMBLED = "assembled";
    private static final String VECTOR = "vector";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    /** In the detail of a tier that is off: the flag that would switch it on follows. */
    private static final String START_WITH = "start java with ";

    /**
     * The status of a tier.
     *
     * @param name the name of the tier
     * @param active whether its kernels may be selected
     * @param detail what it uses, or why it is not active and the flag that would change it
     */
    public record Status(String name, boolean active, String detail) {}

    /**
     * Makes all later detections find exactly some instruction sets: a hook for tests, in a JVM that stands for a processor
     * whose sets no cap of {@link Capabilities#WIDTH_PROPERTY} leaves, since caps are cumulative.
     *
     * @param sets the instruction sets of that processor. Those that this one lacks are not found
     */
    public static void assume(Set<InstructionSet> sets) {
        assumed = Set.copyOf(sets);
    }

    /**
     * Detects the tiers of this JVM and the caches of its machine. Reads system properties and sets none.
     *
     * @return the tiers
     * @throws InvalidPropertyException if a property has a value that is not allowed
     */
    public static Tiers detect() {
        check(VECTOR_PROPERTY, SWITCHES);
        check(Capabilities.WIDTH_PROPERTY, WIDTHS);
        check(LargePages.PROPERTY, NATIVE);
        Status vector = detectVector();
        X64Tier x64 = detectAssembled();
        Capabilities capabilities = machine(vector.active(), Caches.detect()).withInstructions(x64.instructions());
        Status assembled =
                new Status(ASSEMBLED, x64.refusal() == null, x64.refusal() == null ? x64.detail() : x64.refusal());
        return new Tiers(
                capabilities,
                List.of(
                        assembled,
                        vector,
                        new Status("scalar", true, "plain Java loops, for whatever has no faster kernel")),
                warning(assembled, vector));
    }

    /**
     * The warning about tiers that a flag would switch on.
     *
     * @param assembled the status of machine code
     * @param vector the status of vector loops
     * @return what is slow, and every flag that is missing; empty if none is
     */
    static String warning(Status assembled, Status vector) {
        String missing = Stream.of(vector, assembled)
                .filter(tier -> !tier.active() && tier.detail().contains(START_WITH))
                .map(Status::detail)
                .collect(Collectors.joining("; "));
        if (missing.isEmpty()) {
            return "";
        }
        String slow = assembled.active()
                ? "Tenon runs the steps that have no machine code on plain Java loops, slower than it could: "
                : vector.active()
                        ? "Tenon runs without machine code, several times slower than it could: "
                        : "Tenon runs on plain Java loops, many times slower than it could: ";
        return slow + missing;
    }

    /**
     * The tier of a class that can't be initialised.
     *
     * @param error the error of the JVM
     * @return the name of a tier that can do without; null if the class belongs to none
     */
    public static String tierOf(LinkageError error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            String tier = tierOf(String.valueOf(e.getMessage()).replace('/', '.'));
            for (StackTraceElement frame : e.getStackTrace()) {
                tier = tier == null ? tierOf(frame.getClassName()) : tier;
            }
            if (tier != null) {
                return tier;
            }
        }
        return null;
    }

    private static String tierOf(String text) {
        if (text.contains("dev.tenon.kernel.vector.") || text.contains(VECTOR_MODULE)) {
            return VECTOR;
        }
        boolean assembled = text.contains("dev.tenon.kernel.x64.")
                || text.contains("dev.tenon.asm.")
                || text.contains("dev.tenon.nativecode.");
        return assembled ? ASSEMBLED : null;
    }

    /**
     * The tiers without one.
     *
     * @param tier the name of a tier
     * @param reason why it is off from now on
     * @return the others; this if it is off already
     */
    public Tiers without(String tier, String reason) {
        List<Status> left = tiers.stream()
                .map(s -> s.name().equals(tier) && s.active() ? new Status(tier, false, reason) : s)
                .toList();
        if (left.equals(tiers)) {
            return this;
        }
        Capabilities fewer = tier.equals(VECTOR)
                ? Capabilities.SCALAR.withCaches(capabilities.caches()).withInstructions(capabilities.instructions())
                : capabilities.withInstructions(Set.of());
        return new Tiers(fewer, left, warning);
    }

    private static void check(String property, List<String> allowed) {
        String value = System.getProperty(property, "");
        if (!value.isEmpty() && !allowed.contains(value)) {
            throw new InvalidPropertyException(
                    "-D" + property,
                    "'" + value + "'",
                    String.join(", ", allowed),
                    "give it one of these values, or leave it out");
        }
    }

    private static Capabilities machine(boolean vector, Caches caches) {
        return vector ? VectorTier.capabilities(caches) : Capabilities.SCALAR.withCaches(caches);
    }

    private static X64Tier detectAssembled() {
        String wish = System.getProperty(LargePages.PROPERTY, "");
        Set<InstructionSet> other = assumed;
        X64Tier tier = "off".equals(wish)
                ? X64Tier.off("switched off by -D" + LargePages.PROPERTY + "=off")
                : X64Tier.detect(
                        other == null ? EnumSet.allOf(InstructionSet.class) : other,
                        System.getProperty(Capabilities.WIDTH_PROPERTY, ""),
                        TileCheck::wrong,
                        sets -> other == null ? X64Tier.slow(sets, Processor.maker()) : Set.of());
        if ("require".equals(wish) && tier.refusal() != null) {
            throw new InvalidPropertyException(
                    "-D" + LargePages.PROPERTY,
                    "'require', but the assembled tier is off: " + tier.refusal(),
                    "auto, off",
                    "remove the reason, or leave the property out");
        }
        return tier;
    }

    private static Status detectVector() {
        if ("off".equals(System.getProperty(VECTOR_PROPERTY))) {
            return new Status(VECTOR, false, "switched off by -D" + VECTOR_PROPERTY + "=off");
        }
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return new Status(
                    VECTOR,
                    false,
                    "module " + VECTOR_MODULE + " is not there; " + START_WITH + "--add-modules " + VECTOR_MODULE);
        }
        try {
            String refusal = VectorTier.check();
            return refusal == null ? new Status(VECTOR, true, VectorTier.detail()) : new Status(VECTOR, false, refusal);
        } catch (LinkageError e) {
            return new Status(VECTOR, false, "the Vector API of this JDK is not the one Tenon was built for: " + e);
        }
    }

    /**
     * The tiers as readable text.
     *
     * @return a line for each tier, one for the caches and one for the pages of memory
     */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (Status s : tiers) {
            text.append(String.format("%-10s %-4s %s%n", s.name(), s.active() ? "on" : "off", s.detail()));
        }
        text.append(String.format("%-15s %s%n", "caches", capabilities.caches().describe()));
        String refusal = LargePages.refusal();
        text.append(String.format(
                "%-10s %-4s %s%n",
                "pages",
                refusal == null ? "on" : "off",
                refusal == null
                        ? "large memory is moved onto pages of " + (LargePages.pageBytes() >> 20) + " MB"
                        : "large pages: " + refusal));
        return text.toString();
    }
}
