package dev.tenon.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidPropertyException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Which names pass, and which one a misspelt name was meant to be. */
class PropertyNamesTest {
    private static final Pattern PROPERTY =
            Pattern.compile("\\{ \"name\": \"([\\w.-]+)\", \"type\": \"([\\w.$]+)[^\"]*\","
                    + " \"sourceType\": \"([\\w.$]+)\", \"description\": \"[^\"]+\\.\"");

    private static ConfigurableEnvironment properties(String name) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(name, "1")));
        return environment;
    }

    private static ConfigurableEnvironment variables(String name) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(name, "1")));
        return environment;
    }

    @ParameterizedTest
    @CsvSource({
        "tenon.serving.thread, tenon.serving.threads",
        "tenon.serving.dedline, tenon.serving.deadline",
        "tenon.serving.batching.max-row, tenon.serving.batching.max-rows",
        "tenon.serving.max-rows, tenon.serving.batching.max-rows",
        "tenon.serving.models.fraud.paht, tenon.serving.models.fraud.path",
        "tenon.serving.models.fraud, tenon.serving.models.fraud.path",
        "tenon.serving.models[my.model].paht, tenon.serving.models[my.model].path",
        "tenon.servng.threads, tenon.serving.threads",
    })
    void aMisspeltNameIsRefusedWithTheNearest(String name, String nearest) {
        assertThatThrownBy(() -> PropertyNames.check(properties(name)))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageStartingWith(name + ": there is no such property")
                .hasMessageEndingWith("the nearest name is " + nearest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tenon.serving.threads",
                "tenon.serving.batching.max-rows",
                "tenon.serving.batching.maxRows",
                "tenon.serving.batching.max_rows",
                "tenon.serving.models.fraud-7.path",
                "tenon.serving.models[my.model].version",
                "tenon.serving.models[Großes Modell].path",
                "tenon.native",
                "tenon.vector",
                "tenon.isa.max",
                "server.threads"
            })
    void otherNamesPass(String name) {
        assertThatCode(() -> PropertyNames.check(properties(name))).doesNotThrowAnyException();
    }

    @Test
    void variablesOfTheEnvironmentAreChecked() {
        for (String name : List.of(
                "TENON_SERVING_THREADS",
                "TENON_SERVING_BATCHING_MAXROWS",
                "TENON_SERVING_BATCHING_MAX_ROWS",
                "TENON_SERVING_MODELS_FRAUD_PATH",
                "TENON_ROOT")) {
            assertThatCode(() -> PropertyNames.check(variables(name))).as(name).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> PropertyNames.check(variables("TENON_SERVING_THREAD")))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageEndingWith("the nearest name is tenon.serving.threads");
    }

    /** An editor of properties reads them in a file. */
    @Test
    void theMetadataHaveAllNames() throws Exception {
        List<String> names = new ArrayList<>();
        try (InputStream in =
                TenonProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (MatchResult property : PROPERTY.matcher(text).results().toList()) {
                names.add(property.group(1));
                Class.forName(property.group(2));
                Class.forName(property.group(3));
            }
        }
        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(PropertyNames.all().stream()
                        .map(name -> name.replaceAll("\\.\\*.*", ""))
                        .distinct()
                        .toList());
    }
}
