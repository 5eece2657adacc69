package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.train.SampleRows.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The batches of each epoch, and those that judge: a seeded tenth of each bucket, which no step sees. A bucket with too few samples for a
 * batch, beside those that judge, is left out.
 */
final class Batches {
    private static final int JUDGES = 10;
    private static final int MOST_BUCKETS = 16;

    private final List<Bucket> buckets = new ArrayList<>();
    private final List<Integer> leftOut = new ArrayList<>();
    private final long seed;

    /**
     * The samples of one shape.
     *
     * @param batch the samples of a step
     * @param training the samples of steps
     * @param judgeBatch the samples of a call that judges
     * @param judges the samples that judge, a multiple of the former
     */
    record Bucket(int batch, List<Row> training, int judgeBatch, List<Row> judges) {}

    /**
     * Samples of one step or call.
     *
     * @param bucket the number of their bucket
     * @param rows the samples
     */
    record Batch(int bucket, List<Row> rows) {}

    /**
     * Divides samples.
     *
     * @param rows the samples
     * @param batch the samples of a step
     * @param isFixed whether each call of the network takes exactly as many
     * @param seed the seed of all orders
     * @throws CompressionException if samples are too few, or have too many shapes
     */
    Batches(SampleRows rows, int batch, boolean isFixed, long seed) {
        this.seed = seed;
        List<List<Row>> all = rows.buckets();
        if (all.size() > MOST_BUCKETS) {
            throw new CompressionException(
                    "samples to train on",
                    all.size() + " shapes",
                    "at most " + MOST_BUCKETS,
                    "pad samples to few shapes");
        }
        int most = 0;
        for (int i = 0; i < all.size(); i++) {
            List<Row> shuffled = shuffled(all.get(i), -1 - i);
            int wanted = Math.max(1, shuffled.size() / JUDGES);
            int judgeBatch = isFixed ? batch : Math.min(batch, wanted);
            int judges = Math.min(shuffled.size(), Math.max(judgeBatch, wanted - wanted % judgeBatch));
            List<Row> training = shuffled.subList(judges, shuffled.size());
            most = Math.max(most, training.size());
            int own = isFixed ? batch : Math.min(batch, training.size());
            if (own > 0 && training.size() >= own) {
                buckets.add(new Bucket(own, training, judgeBatch, shuffled.subList(0, judges)));
            } else {
                leftOut.add(shuffled.size());
            }
        }
        if (most < batch) {
            throw new CompressionException(
                    "samples to train on",
                    most + " of one shape, beside those that judge; there are " + rows.samples() + " in all",
                    "at least " + batch + ", the samples of a step",
                    isFixed ? "give more samples" : "give more samples, or a smaller batch");
        }
    }

    /** The sizes of the buckets that are left out since they have too few samples for a batch beside those that judge. */
    List<Integer> leftOut() {
        return leftOut;
    }

    /** The buckets. */
    List<Bucket> buckets() {
        return buckets;
    }

    /** The steps of an epoch. */
    int steps() {
        return buckets.stream().mapToInt(b -> b.training().size() / b.batch()).sum();
    }

    /** The batches of an epoch in their order. Samples that fill no batch are left out, others in each epoch. */
    List<Batch> epoch(int epoch) {
        List<Batch> all = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i++) {
            Bucket bucket = buckets.get(i);
            cut(all, i, shuffled(bucket.training(), (long) epoch * (1 + MOST_BUCKETS) + i), bucket.batch());
        }
        return shuffled(all, (long) epoch * (1 + MOST_BUCKETS) + MOST_BUCKETS);
    }

    /** The batches that judge. */
    List<Batch> judges() {
        List<Batch> all = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i++) {
            cut(all, i, buckets.get(i).judges(), buckets.get(i).judgeBatch());
        }
        return all;
    }

    private static void cut(List<Batch> all, int bucket, List<Row> rows, int size) {
        for (int at = 0; at + size <= rows.size(); at += size) {
            all.add(new Batch(bucket, rows.subList(at, at + size)));
        }
    }

    /** A list in an order that the seed and a number decide. */
    private <T> List<T> shuffled(List<T> list, long number) {
        List<T> shuffled = new ArrayList<>(list);
        Collections.shuffle(shuffled, new Random(seed * 0x9E3779B97F4A7C15L + number));
        return shuffled;
    }
}
