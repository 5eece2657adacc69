package dev.tenon.formats.onnx.writing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.onnx.StandardVersions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeHistoryTest {
    @Test
    void theTableNamesOperatorsVersionsAndTypesThatThereAre() throws IOException {
        Set<String> types = Stream.concat(Stream.of(DType.values()).map(DType::text), Stream.of("seq", "optional"))
                .collect(Collectors.toSet());
        List<String> wrong = new ArrayList<>();
        try (InputStream in = TypeHistory.class.getResourceAsStream("operator-types.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                if (line.startsWith("#")) {
                    continue;
                }
                String operator = line.substring(0, line.indexOf(' '));
                List<Integer> versions = StandardVersions.read().getOrDefault(operator, List.of());
                for (String change : line.substring(operator.length() + 1).split("; ")) {
                    List<String> words = List.of(change.split(" "));
                    if (!versions.contains(Integer.valueOf(words.getFirst()))
                            || !types.containsAll(words.subList(1, words.size()))) {
                        wrong.add(line);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Relu, f32[2], 0",
        "Relu, i32[2], 14",
        "Relu, bf16[2], 13",
        "Sin, bf16[2], 22",
        "Equal, string[2], 19",
        "Identity, seq(f32[2]), 14",
        "Identity, opt(f32[2]), 16",
        "Neg, f8e4m3fn[1], 19",
        "Cast, i2[1], 25"
    })
    void theVersionOfATypeIsThatOfTheOperatorOrOfTheType(String operator, String type, int since) {
        assertThat(TypeHistory.since(operator, type(type))).isEqualTo(since);
    }

    private static ValueType type(String text) {
        return text.startsWith("opt(")
                ? new OptionalType(ValueType.parse(text.substring(4, text.length() - 1)))
                : ValueType.parse(text);
    }
}
