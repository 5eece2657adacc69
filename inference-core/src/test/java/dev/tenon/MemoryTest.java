package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.DroppedSessionsProgram;
import dev.tenon.fixtures.ModelFiles;
import dev.tenon.fixtures.ShrinkingPackageProgram;
import dev.tenon.fixtures.SmallHeapInputsProgram;
import dev.tenon.fixtures.SmallHeapProgram;
import dev.tenon.fixtures.SteadyProgram;
import dev.tenon.fixtures.TruncatingProgram;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that need a JVM of their own, because they use up its memory. */
class MemoryTest {
    /** The heap and the native memory that 30,000 calls may keep, far less than 100 bytes each. */
    private static final long GROWTH = 1 << 20;

    /** The same for the memory of the process, of which the JVM takes some for each thread that compiles. */
    private static final long RESIDENT_GROWTH = 16 << 20;

    @TempDir
    private Path folder;

    private ChildJvm.Result run(List<String> flags, Class<?> program, String... arguments) throws Exception {
        ChildJvm.Result child = ChildJvm.run(folder, flags, program, arguments);
        assertThat(child.status()).as(child.output()).isZero();
        return child;
    }

    private static List<String> lines(ChildJvm.Result child, String start) {
        return child.output().lines().filter(line -> line.startsWith(start)).toList();
    }

    @Test
    void aThousandBatchSizesTakeNoMoreAfterTheSecondRound() throws Exception {
        // The heap has its full size from the beginning, so that growth is not a choice of the collector.
        List<String> flags = List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
        ChildJvm.Result child = run(flags, SteadyProgram.class);
        List<long[]> rounds = lines(child, "round ").stream()
                .map(line -> Arrays.stream(line.substring("round ".length()).split(" "))
                        .mapToLong(Long::parseLong)
                        .toArray())
                .toList();
        assertThat(rounds).as(child.output()).hasSize(4);
        long[] first = rounds.getFirst();
        long[] last = rounds.getLast();
        assertThat(last[1]).as("heap: %s", child.output()).isLessThan(first[1] + GROWTH);
        assertThat(last[2]).as("native memory: %s", child.output()).isLessThan(first[2] + GROWTH);
        // A compilation takes memory for its time. Memory that calls keep is there in every later round.
        long resident = Math.min(rounds.get(2)[3], last[3]);
        assertThat(resident).as("memory of the process: %s", child.output()).isLessThan(first[3] + RESIDENT_GROWTH);
    }

    @Test
    void aSmallHeapEndsInATypedException() throws Exception {
        for (String model : List.of("all-minilm-l6-v2.onnx", "all-minilm-l6-v2-q.onnx")) {
            ChildJvm.Result child = run(
                    List.of("-Xmx64m"),
                    SmallHeapProgram.class,
                    ModelFiles.find(model).toString());
            assertThat(lines(child, "ok ").size() + lines(child, "typed ").size())
                    .as(child.output())
                    .isEqualTo(SmallHeapProgram.ATTEMPTS);
            assertThat(child.output()).doesNotContain("Error");
        }
    }

    @Test
    void inputsThatASmallHeapHasNoRoomForEndInATypedException() throws Exception {
        ChildJvm.Result child = run(List.of("-Xmx96m", "-XX:+UseSerialGC"), SmallHeapInputsProgram.class);
        assertThat(lines(child, "decoded")).as(child.output()).containsExactly("decoded 16384 x 10922");
        assertThat(lines(child, "typed "))
                .as(child.output())
                .hasSize(SmallHeapInputsProgram.ATTEMPTS)
                .allSatisfy(line -> assertThat(line).contains("more memory than there is", "raise -Xmx"));
    }

    @Test
    void aFileThatShrinksWhileItIsMappedEndsInATypedException() throws Exception {
        for (TruncatingProgram.When when : TruncatingProgram.When.values()) {
            ChildJvm.Result child = run(List.of("-Xmx256m"), TruncatingProgram.class, when.name(), folder.toString());
            if (when == TruncatingProgram.When.COPIED) {
                assertThat(lines(child, "ok")).as(child.output()).hasSize(1);
            } else {
                assertThat(lines(child, "typed "))
                        .as(child.output())
                        .singleElement()
                        .asString()
                        .contains("LoadOptions.copied()");
            }
            assertThat(child.output()).doesNotContain("hs_err");
        }
    }

    @Test
    void aPackageThatShrinksWhileItIsReadEndsInATypedException() throws Exception {
        ChildJvm.Result child = run(
                List.of("-Xmx256m", "-XX:-CreateCoredumpOnCrash"), ShrinkingPackageProgram.class, folder.toString());
        for (String part : List.of("manifest", "constant")) {
            assertThat(lines(child, part))
                    .as(child.output())
                    .singleElement()
                    .asString()
                    .contains("typed " + part + ".tenon: the file got shorter");
        }
        assertThat(lines(child, "compare: error of the JVM")).as(child.output()).hasSize(1);
        assertThat(lines(child, "race: ")).as(child.output()).hasSize(1);
        assertThat(lines(child, "end")).as(child.output()).hasSize(1);
    }

    @Test
    void unreachableSessionsFreeTheirMemory() throws Exception {
        ChildJvm.Result child = run(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=100m"), DroppedSessionsProgram.class);
        assertThat(lines(child, "ok")).as(child.output()).hasSize(1);
    }
}
