package dev.tenon.samples.flink;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidInputException;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Scores lines of JSON: objects with a member for each column of the model, a number, a text, true, false or null. The result is the
 * object with a member more for each output: an array, or one value if the model gives one for each row. NaN and infinities are texts.
 * One that can't be scored gets the member {@code error}; of a line that is no object, only that is left.
 */
public final class JsonScorer implements Scorer<String, String> {
    private static final long serialVersionUID = 1L;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final TypeReference<Map<String, Object>> ROW = new TypeReference<>() {};

    private final ModelFile file;
    private final String[] columns;
    private transient volatile Shape shape;

    /** What the model takes and gives. The second: whether it gives one element for each row, by the names of its outputs. */
    private record Shape(TableInput table, Map<String, Boolean> outputs) {
        static Shape of(Model model, List<String> columns) {
            TableInput table = columns.isEmpty()
                    ? TableInput.of(model)
                    : TableInput.of(model, Map.of(model.inputs().getFirst().name(), columns));
            Map<String, Boolean> outputs = new LinkedHashMap<>();
            for (ValueInfo output : model.outputs()) {
                if (output.type() instanceof TensorType t) {
                    outputs.put(output.name(), t.shape().hasRank() && t.shape().rank() == 1);
                }
            }
            return new Shape(table, outputs);
        }
    }

    /**
     * Makes a scorer. The model is read once here, so that a wrong job fails before it begins.
     *
     * @param file the model
     * @param columns the names of the columns of a model with a matrix whose file does not name them; empty for another one
     * @throws dev.tenon.error.TenonException if the model can't be read, or does not take such columns
     */
    public JsonScorer(ModelFile file, List<String> columns) {
        this.file = Objects.requireNonNull(file, "file");
        this.columns = columns.toArray(String[]::new);
        shape = Shape.of(Model.load(Path.of(file.path())), columns);
    }

    /** That of the model which this task manager has loaded: Flink does not serialise it. */
    private Shape shape() {
        Shape known = shape;
        if (known == null) {
            known = Shape.of(file.model(), List.of(columns));
            shape = known;
        }
        return known;
    }

    private static ObjectNode object(String line) {
        try {
            if (JSON.readTree(line) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new InvalidInputException("line", e.getOriginalMessage(), "a JSON object", null);
        }
        throw new InvalidInputException("line", "other JSON", "a JSON object", null);
    }

    @Override
    public Map<String, ? extends Datum> inputs(String line) {
        TableInput table = shape().table();
        Map<String, Object> row = JSON.convertValue(object(line), ROW);
        return table.read(TableRows.ofMaps(List.of(row), table.columns()));
    }

    @Override
    public String scored(String line, Outputs outputs) {
        ObjectNode object = object(line);
        shape().outputs().forEach((name, single) -> {
            ArrayNode elements = JsonNodeFactory.instance.arrayNode();
            Tensor tensor = outputs.tensor(name);
            for (long i = 0; i < tensor.size(); i++) {
                add(elements, tensor, i);
            }
            object.set(name, single ? elements.get(0) : elements);
        });
        return JSON.writeValueAsString(object);
    }

    private static void add(ArrayNode to, Tensor tensor, long index) {
        switch (tensor.dtype()) {
            case STRING -> to.add(tensor.getString(index));
            case BOOL -> to.add(tensor.getBoolean(index));
            case FLOAT64 -> to.add(tensor.getDouble(index));
            case FLOAT32, FLOAT16, BFLOAT16 -> to.add(tensor.getFloat(index));
            default -> to.add(tensor.getLong(index));
        }
    }

    @Override
    public String refused(String line, String reason) {
        ObjectNode object;
        try {
            object = object(line);
        } catch (InvalidInputException e) {
            object = JsonNodeFactory.instance.objectNode();
        }
        return JSON.writeValueAsString(object.put("error", reason));
    }
}
