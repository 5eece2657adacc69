package dev.tenon.samples.kafka;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
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
                .to(settings.output(), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        return builder.build();
    }

    /** Merges records where the model proves that this changes no bit, and computes each alone where it does not. */
    static Batcher batcher(Session session, ScoringSettings settings) {
        BatchOptions options = settings.batches();
        try {
            return Batcher.of(session, options);
        } catch (NotBatchableException e) {
            LOG.log(System.Logger.Level.INFO, "each record runs alone: {0}", e.getMessage());
            return Batcher.of(session, options.maxRows(1));
        }
    }

    /** Values are read here and not by a serde of the source, so that there is one place for records that are wrong. */
    private static ScoringProcessor.Scorer<byte[], byte[]> scorer(
            ScoringSettings settings, Model model, Batcher batcher) {
        Values values = settings.format().of(model, settings.input());
        return new ScoringProcessor.Scorer<>(batcher, values::inputs, values::scores, settings.onLimit());
    }
}
