package dev.tenon.formats.decoder;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.json.Members;
import dev.tenon.graph.Graph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a model of the parts that both readers find. */
final class DecoderModel {
    /** The cure of a file whose operators refuse their operands. */
    static final String CURE = "check that the file is complete, or convert the model again";

    private DecoderModel() {}

    /**
     * Builds the model.
     *
     * @param name the name of its graph, may be empty
     * @param settings its metadata; texts, numbers and truth values become properties
     * @param config what it computes
     * @param weights its weights
     * @param ignored the ends of names of tensors that don't matter
     * @param limits the limits that hold
     * @param keys gives the metadata of a GGUF file of the model
     * @return the model
     */
    static ModelFile of(
            String name,
            Members settings,
            DecoderConfig config,
            Weights weights,
            List<String> ignored,
            Limits limits,
            DecoderWriter.Keys keys) {
        Graph graph = DecoderGraph.of(name.isEmpty() ? settings.document() : name, config, weights, limits);
        weights.checkAllUsed(ignored);
        Map<String, String> properties = new LinkedHashMap<>();
        settings.values().forEach((key, value) -> {
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                properties.put(key, value.toString());
            }
        });
        return new ModelFile(
                graph,
                new ModelMetadata("", "", "", 0, "", Map.of(), properties),
                OptionalInputs.NONE,
                null,
                new DecoderWriter(config, weights, limits, keys));
    }
}
