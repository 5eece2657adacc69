package dev.tenon.formats.decoder;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.json.Members;
import dev.tenon.graph.Graph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes a model of the parts that both readers find. */
final class DecoderModel {
    private DecoderModel() {}

    /**
     * Builds the model.
     *
     * @param name the name of its graph, may be empty
     * @param settings its metadata; texts, numbers and truth values become properties
     * @param config what it computes
     * @param weights its weights
     * @param ignored the ends of names of tensors that don't matter
     * @return the model
     */
    static ModelFile of(String name, Members settings, DecoderConfig config, Weights weights, List<String> ignored) {
        Graph graph = DecoderGraph.of(name.isEmpty() ? settings.document() : name, config, weights);
        weights.checkAllUsed(ignored);
        Map<String, String> properties = new LinkedHashMap<>();
        settings.values().forEach((key, value) -> {
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                properties.put(key, value.toString());
            }
        });
        return new ModelFile(graph, new ModelMetadata("", "", "", 0, "", Map.of(), properties));
    }

    /** Runs a step that reads a file, and names the file if operators refuse their operands. */
    static ModelFile naming(ModelSource source, Supplier<ModelFile> step) {
        try {
            return source.bytes().read(segment -> step.get());
        } catch (InvalidOperandException e) {
            throw new MalformedModelException(
                    source.bytes().name() + ", " + e.thing(),
                    e.found(),
                    e.allowed(),
                    "check that the file is complete, or convert the model again",
                    e);
        }
    }
}
