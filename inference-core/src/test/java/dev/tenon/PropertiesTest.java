package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.RefusedProgram;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A system property with a wrong value is refused by the first method that needs it, at each call, with a typed
 * exception.
 */
@Tag("vector")
class PropertiesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tenon.isa.max|avx3|amx, avx512bf16, avx512vnni, avx512, avxvnni, avx2, sse, neon",
                "tenon.vector|no|on, off",
                "tenon.native|no|auto, off, require"
            })
    void unknownValuesAreRefused(String property, String value, String allowed) throws Exception {
        List<String> flags = List.of("--add-modules", "jdk.incubator.vector", "-D" + property + "=" + value);
        ChildJvm.Result child = ChildJvm.run(folder, flags, RefusedProgram.class, property);
        String refusal = " InvalidPropertyException -D" + property + ": '" + value + "'; allowed " + allowed
                + "; give it one of these values, or leave it out";
        assertThat(child.status()).as(child.output()).isZero();
        assertThat(child.output().lines().filter(line -> line.contains("ran") || line.contains("Exception")))
                .containsExactly(
                        "model" + refusal, "describe" + refusal, "model" + refusal, "describe" + refusal, "cured ran");
    }
}
