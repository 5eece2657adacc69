package dev.tenon.testkit;

import dev.tenon.kernel.table.Tiers;
import java.util.List;
import java.util.Locale;

/**
 * JVMs that users have and the build's test JVMs are not like: without the compiler that vectors need, with a small heap, and with
 * other numbers of processors. Tests tagged "short" run in each of them.
 */
public enum JvmVariant {
    /** The client compiler alone, on which the vector tier is off. Machine code stays, as in the build's execution "plain". */
    CLIENT_COMPILER("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dtenon.native=auto") {
        @Override
        public String tier() {
            return "plain";
        }
    },
    /** The collector and about the heap that a JVM chooses in a small container. */
    SMALL_HEAP("-XX:+UseSerialGC", "-Xmx512m"),
    /** No worker beside the caller. */
    ONE_PROCESSOR("-XX:ActiveProcessorCount=1"),
    /** Far more workers than processors. */
    MANY_PROCESSORS("-XX:ActiveProcessorCount=64");

    private final List<String> flags;

    JvmVariant(String... flags) {
        this.flags = List.of(flags);
    }

    /** {@return the flags of such a JVM} */
    public List<String> flags() {
        return flags;
    }

    /** {@return the tier that its tests ask for, see {@link Tier}: the best that this machine has} */
    public String tier() {
        Tiers here = Tiers.detect();
        boolean assembled = !here.capabilities().instructions().isEmpty();
        return !here.capabilities().vector() ? "plain" : assembled ? "assembled" : "vector";
    }

    /** {@return an expression of tags: the tests of a short part that such a JVM can run} */
    public String tags() {
        String tags = "short & !widest & !fresh & !exhaustive";
        return tier().equals("plain") ? tags + " & !vector" : tags;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
