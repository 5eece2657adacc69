package dev.tenon.formats.onnx.writing;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The version of the main operator set since which an operator takes a type. Knows versions 7 and above. */
final class TypeHistory {
    private static final Map<String, Integer> EVERYWHERE = everywhere();

    private static final Map<String, Integer> BY_OPERATOR = read();

    private TypeHistory() {}

    /**
     * The version since which a value of a type can be an operand or a result of an operator, or 0 if it always can.
     */
    static int since(String operator, ValueType type) {
        String name = name(type);
        return Math.max(EVERYWHERE.getOrDefault(name, 0), BY_OPERATOR.getOrDefault(operator + " " + name, 0));
    }

    private static String name(ValueType type) {
        return switch (type) {
            case TensorType t -> t.dtype().text();
            case SequenceType t -> "seq";
            case OptionalType t -> "optional";
            default -> "";
        };
    }

    private static Map<String, Integer> everywhere() {
        Map<String, Integer> since = new HashMap<>();
        since.put(DType.BFLOAT16.text(), 13);
        for (DType t : List.of(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ)) {
            since.put(t.text(), 19);
        }
        since.put(DType.INT4.text(), 21);
        since.put(DType.UINT4.text(), 21);
        since.put(DType.FLOAT4E2M1.text(), 23);
        since.put(DType.FLOAT8E8M0.text(), 24);
        since.put(DType.INT2.text(), 25);
        since.put(DType.UINT2.text(), 25);
        return since;
    }

    /**
     * A line of the file has an operator, then versions separated by semicolons, each followed by the types it brought.
     */
    private static Map<String, Integer> read() {
        Map<String, Integer> since = new HashMap<>();
        for (String line : text().split("\n")) {
            if (line.startsWith("#")) {
                continue;
            }
            int space = line.indexOf(' ');
            for (String change : line.substring(space + 1).split("; ")) {
                String[] words = change.split(" ");
                for (int i = 1; i < words.length; i++) {
                    since.put(line.substring(0, space) + " " + words[i], Integer.parseInt(words[0]));
                }
            }
        }
        return since;
    }

    private static String text() {
        try (InputStream in = TypeHistory.class.getResourceAsStream("operator-types.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
