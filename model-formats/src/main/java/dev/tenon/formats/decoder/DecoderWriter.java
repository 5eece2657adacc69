package dev.tenon.formats.decoder;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.formats.decoder.DecoderConfig.Style;
import dev.tenon.formats.gguf.GgufTensor;
import dev.tenon.formats.gguf.GgufType;
import dev.tenon.formats.gguf.GgufWriter;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a decoder as GGUF. Its weights are the constants of the graph that have the names of tensors of the file it was read from.
 * Whether the graph is a decoder is found by building one of these weights: both must be the same.
 */
final class DecoderWriter implements ModelWriter {
    private static final String CURE = "save it under a name that ends in .onnx";

    /** A tensor that is no constant of the graph: it is in the tables of angles. */
    private static final String FACTORS = "rope_freqs.weight";

    private final DecoderConfig config;
    private final Weights source;
    private final Limits limits;
    private final Keys keys;

    /** Gives the metadata of a GGUF file. */
    @FunctionalInterface
    interface Keys {
        /**
         * The metadata.
         *
         * @param name the name of the model
         * @param sizes the widths that the weights have
         * @return values as {@link GgufWriter} takes them
         */
        Map<String, Object> of(String name, Sizes sizes);
    }

    /**
     * Widths that only weights tell.
     *
     * @param vocabulary the number of tokens
     * @param feedForward the elements between the matrices of the feed-forward part
     */
    record Sizes(long vocabulary, long feedForward) {}

    DecoderWriter(DecoderConfig config, Weights source, Limits limits, Keys keys) {
        this.config = config;
        this.source = source;
        this.limits = limits;
        this.keys = keys;
    }

    @Override
    public String format() {
        return "GGUF";
    }

    @Override
    public void write(ModelFile model, Path path, WriteOptions options) {
        gguf(model, options).write(path);
    }

    @Override
    public void write(ModelFile model, WritableByteChannel target, WriteOptions options) throws IOException {
        gguf(model, options).write(target);
    }

    private GgufWriter gguf(ModelFile model, WriteOptions options) {
        String thing = "model '" + model.graph().name() + "' as GGUF";
        if (!options.equals(WriteOptions.standard())) {
            throw new UnsupportedModelException(
                    thing, "options for ONNX", "the standard options", "leave out what only ONNX has");
        }
        Map<String, Weight> weights = weights(model.graph());
        checkGraph(thing, model.graph(), weights);
        Map<String, Weight> named = new LinkedHashMap<>();
        weights.forEach((own, weight) -> named.put(source.used().get(own), weight));
        Sizes sizes = new Sizes(
                named.get("token_embd.weight").dims().getFirst(),
                named.get("blk.0.ffn_gate.weight").dims().getFirst());
        GgufWriter writer = new GgufWriter();
        Map<String, Object> metadata = keys.of(model.graph().name(), sizes);
        metadata.forEach((key, value) -> {
            if (!key.equals("general.alignment") && !key.startsWith("split.")) {
                writer.put(key, value);
            }
        });
        boolean turned = DecoderKeys.isInterleaved(thing, metadata, config);
        named.forEach((name, weight) -> writer.put(tensor(name, weight, turned)));
        return writer;
    }

    /** The weights of a graph by their names in the file that was read. */
    private Map<String, Weight> weights(Graph graph) {
        Map<Value, BlockFormat> formats = new HashMap<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof BlockMatMul op) {
                formats.put(node.input(1), op.format());
            } else if (node.op() instanceof DequantizeBlocks op && node.input(0).producer() != null) {
                formats.put(node.input(0).producer().input(0), op.format());
            }
        }
        Map<String, Value> constants = new HashMap<>();
        graph.constants().forEach(value -> constants.put(value.name(), value));
        Map<String, Weight> all = new LinkedHashMap<>();
        source.used().forEach((own, name) -> {
            Value value = constants.get(own);
            if (value != null) {
                all.put(own, weight(own, value.constant(), Optional.ofNullable(formats.get(value))));
            } else if (name.equals(FACTORS)) {
                all.put(own, source.own(own));
            }
        });
        return all;
    }

    private static Weight weight(String name, Tensor stored, Optional<BlockFormat> format) {
        List<Long> dims = new ArrayList<>(Arrays.stream(stored.dims()).boxed().toList());
        if (format.isPresent() && !dims.isEmpty()) {
            dims.add(format.get().elements(dims.removeLast()));
        }
        return new Weight(name, dims, stored, format);
    }

    /** Checks that the graph is the decoder of the weights. One is already added to those of normalisations. */
    private void checkGraph(String thing, Graph graph, Map<String, Weight> weights) {
        Style s = config.style();
        Style style = new Style(s.headNorms(), s.normsAfter(), s.gelu(), s.embeddingScale(), false);
        DecoderConfig own = new DecoderConfig(
                config.layers(),
                config.hidden(),
                config.context(),
                config.epsilon(),
                config.heads(),
                config.rope(),
                config.locality(),
                style);
        String difference;
        try {
            difference = GraphMatch.difference(
                    graph, DecoderGraph.of(graph.name(), own, source.with(thing, weights), limits));
        } catch (MalformedModelException | UnsupportedModelException e) {
            difference = e.getMessage();
        }
        if (difference != null) {
            throw new UnsupportedModelException(
                    thing, "a graph that is no longer the decoder that was read: " + difference, "that decoder", CURE);
        }
    }

    private GgufTensor tensor(String name, Weight weight, boolean turned) {
        GgufType type = Arrays.stream(GgufType.values())
                .filter(t -> weight.blocks().equals(t.blocks())
                        && t.stored() == weight.stored().dtype())
                .findFirst()
                .orElseThrow(() -> new UnsupportedModelException(
                        "tensor '" + name + "'",
                        weight.stored().dtype().text() + " in GGUF",
                        Arrays.toString(GgufType.values()),
                        CURE));
        MemorySegment bytes = weight.stored().segment();
        Heads heads = config.heads();
        if (turned && name.contains(".attn_q.")) {
            bytes = neighbours(bytes, heads.query(), heads.size());
        } else if (turned && name.contains(".attn_k.")) {
            bytes = neighbours(bytes, heads.key(), heads.size());
        }
        return new GgufTensor(name, type, weight.dims(), bytes);
    }

    /** The rows of each head in the order in which neighbours are rotated together. */
    private static MemorySegment neighbours(MemorySegment from, long heads, long size) {
        MemorySegment to = MemorySegment.ofArray(new byte[Math.toIntExact(from.byteSize())]);
        long row = from.byteSize() / (heads * size);
        for (long head = 0; head < heads; head++) {
            for (long i = 0; i < size; i++) {
                long source = head * size + i % 2 * (size / 2) + i / 2;
                MemorySegment.copy(from, source * row, to, (head * size + i) * row, row);
            }
        }
        return to;
    }
}
