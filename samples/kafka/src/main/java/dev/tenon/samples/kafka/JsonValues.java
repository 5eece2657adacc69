package dev.tenon.samples.kafka;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidInputException;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * A value is a JSON object with a member for each column of the model: a number, a text, true, false or null. Others are ignored. Its
 * scores are an object with a member for each output: an array, or one value if the model gives one for each row. NaN and infinities
 * are texts.
 */
final class JsonValues implements Values {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final ObjectReader OBJECTS = JSON.readerForMapOf(Object.class);

    private final TableInput table;
    /** Whether the model gives one element for each row, by the names of its outputs. */
    private final Map<String, Boolean> outputs = new LinkedHashMap<>();

    /**
     * Reads and writes the values of a model.
     *
     * @param columns the names of the columns of a model with a matrix whose file does not name them; empty for another one
     */
    JsonValues(Model model, List<String> columns) {
        table = columns.isEmpty()
                ? TableInput.of(model)
                : TableInput.of(model, Map.of(model.inputs().getFirst().name(), columns));
        for (ValueInfo output : model.outputs()) {
            if (output.type() instanceof TensorType t) {
                outputs.put(output.name(), t.shape().hasRank() && t.shape().rank() == 1);
            }
        }
    }

    @Override
    public Map<String, ? extends Datum> inputs(byte[] value) {
        Map<String, Object> row;
        try {
            row = OBJECTS.readValue(value);
        } catch (JacksonException e) {
            throw new InvalidInputException("value", e.getOriginalMessage(), "a JSON object", null);
        }
        if (row == null) {
            throw new InvalidInputException("value", "null", "a JSON object", null);
        }
        return table.read(TableRows.ofMaps(List.of(row), table.columns()));
    }

    @Override
    public byte[] scores(Outputs result) {
        Map<String, Object> members = new LinkedHashMap<>();
        outputs.forEach((name, single) -> {
            Tensor tensor = result.tensor(name);
            List<?> elements = IntStream.range(0, Math.toIntExact(tensor.size()))
                    .mapToObj(i -> element(tensor, i))
                    .toList();
            members.put(name, single ? elements.getFirst() : elements);
        });
        return JSON.writeValueAsBytes(members);
    }

    private static Object element(Tensor tensor, long index) {
        return switch (tensor.dtype()) {
            case STRING -> tensor.getString(index);
            case BOOL -> tensor.getBoolean(index);
            case FLOAT64 -> tensor.getDouble(index);
            case FLOAT32, FLOAT16, BFLOAT16 -> tensor.getFloat(index);
            default -> tensor.getLong(index);
        };
    }
}
