package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.DescribeProgram;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM without a flag that would help logs one warning, which names every such flag, and no other JVM logs one. */
class WarningsTest {
    private static final String MODULE = "--add-modules jdk.incubator.vector";
    private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void missingFlagsAreNamed(boolean module, boolean access) throws Exception {
        List<String> flags = new ArrayList<>(List.of("--illegal-native-access=deny"));
        if (module) {
            flags.addAll(List.of(MODULE.split(" ")));
        }
        if (access) {
            flags.add(ACCESS);
        }
        ChildJvm.Result child = ChildJvm.run(folder, flags, DescribeProgram.class);
        assertThat(child.status()).as(child.output()).isZero();
        boolean linux = System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
        List<String> warnings = child.output()
                .lines()
                .filter(line -> line.startsWith("WARNING: Tenon "))
                .toList();
        boolean warns = !module || !access && linux;
        assertThat(warnings).as(child.output()).hasSize(warns ? 1 : 0);
        String text = String.join("", warnings);
        assertThat(text.contains(MODULE)).as(text).isEqualTo(!module);
        assertThat(text.contains(ACCESS)).as(text).isEqualTo(!access && linux);
    }
}
