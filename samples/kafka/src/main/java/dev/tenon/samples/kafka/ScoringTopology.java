package dev.tenon.samples.kafka;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;

/** A topic of features, a model, and a topic of scores. Keys are bytes of any kind. */
final class ScoringTopology {
    private static final System.Logger LOG = System.getLogger(ScoringTopology.class.getName());

    private ScoringTopology() {}

    /** Loads the model. A run has one thread, since stream threads compute beside each other. */
    static Session session(ScoringSettings settings) {
        return Model.load(settings.model()).session(SessionOptions.standard().threads(1));
    }

    static Topology of(ScoringSettings settings, Model model, Batcher batcher) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(settings.input(), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .processValues(ScoringProcessor.of(scorer(settings, model, batcher)), Named.as("score"))
                .to(settings.output(), Produced.with(Serdes.ByteArray(), new FloatsSerde()));
        return builder.build();
    }

    /** Merges records where the model proves that this changes no bit, and computes each alone where it does not. */
    static Batcher batcher(Session session, ScoringSettings settings) {
        BatchOptions options = BatchOptions.standard().onFull(BatchOptions.OnFull.BLOCK);
        if (settings.slots() > 0) {
            options = options.slots(settings.slots());
        }
        try {
            return Batcher.of(session, options.maxRows(settings.maxRows()));
        } catch (NotBatchableException e) {
            LOG.log(System.Logger.Level.INFO, "each record runs alone: {0}", e.getMessage());
            return Batcher.of(session, options.maxRows(1));
        }
    }

    /**
     * A record is one row of the only input; its scores are the row of the first output of floats. Values are read here and
     * not by a serde of the source, so that there is one place for records that are wrong.
     */
    private static ScoringProcessor.Scorer<byte[], float[]> scorer(
            ScoringSettings settings, Model model, Batcher batcher) {
        String input = floats("input", model.inputs());
        if (model.inputs().size() != 1) {
            throw new InvalidOptionException("tenon.model", model.inputs().size() + " inputs", "one input", null);
        }
        String output = floats("output", model.outputs());
        Deserializer<float[]> floats = new FloatsSerde().deserializer();
        return new ScoringProcessor.Scorer<>(
                batcher,
                value -> {
                    float[] features = floats.deserialize(settings.input(), value);
                    return Map.of(input, Tensor.of(features, 1, features.length));
                },
                outputs -> outputs.tensor(output).toFloatArray(),
                settings.onLimit());
    }

    private static String floats(String kind, List<ValueInfo> values) {
        return values.stream()
                .filter(v -> v.type() instanceof TensorType t && t.dtype() == DType.FLOAT32)
                .map(ValueInfo::name)
                .findFirst()
                .orElseThrow(() -> new InvalidOptionException(
                        "tenon.model",
                        "no " + kind + " of float32 among " + values,
                        "a model that maps rows of floats to floats",
                        "write a Scorer for its types"));
    }
}
