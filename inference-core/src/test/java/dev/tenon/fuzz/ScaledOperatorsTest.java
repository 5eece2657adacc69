package dev.tenon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.CpuTime;
import dev.tenon.testkit.OpCase;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each case of each operator with some of its dimensions multiplied by up to 2^17, under a time limit: the call ends by it
 * in time, also within one step. The time of the processor counts, so that other load does not.
 */
@Tag("exhaustive")
class ScaledOperatorsTest {
    private static final long SEED = Long.getLong("tenon.test.seed", System.nanoTime());
    private static final int EVERY = Integer.getInteger("tenon.scaled.every", 1);
    private static final long MOST_ELEMENTS = 1 << 22;
    private static final long MOST_CONSTANT = 64;
    private static final Duration LIMIT = Duration.ofMillis(100);
    /** A step tells the time between parts of its work, which take longer on a slow machine. */
    private static final long ALLOWED_NANOS = LIMIT.toNanos() + CpuTime.here(LIMIT.toNanos() * 3 / 2);

    private static final SessionOptions OPTIONS = SessionOptions.standard()
            .threads(1)
            .timeLimit(LIMIT)
            .preparationTime(Duration.ofSeconds(1))
            .maxTensorBytes(1 << 26);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** A tensor with other dimensions and the same or random elements; null if it were too large. */
    private static Tensor scaled(Tensor t, Map<Long, Long> sizes, SplittableRandom random) {
        long[] dims = t.dims();
        double elements = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = sizes.getOrDefault(dims[i], dims[i]);
            elements *= dims[i];
        }
        if (elements > MOST_ELEMENTS) {
            return null;
        }
        DType type = t.dtype();
        Tensor y = Tensor.allocate(type, dims);
        for (long i = 0; i < y.size() && t.size() > 0; i++) {
            if (type == DType.STRING) {
                y.setUtf8(i, t.getUtf8(i % t.size()));
            } else if (type == DType.BOOL) {
                y.setBoolean(i, random.nextBoolean());
            } else if (type.isComplex()) {
                y.setComplex(i, random.nextDouble(), 1);
            } else if (type.isInteger()) {
                y.setLong(i, t.getLong(i % t.size()));
            } else {
                y.setDouble(i, random.nextDouble() * 2 - 1);
            }
        }
        return y;
    }

    /** One or two dimensions of a case, each with a larger one. */
    private static Map<Long, Long> sizes(OpCase c, SplittableRandom random) {
        TreeSet<Long> all = new TreeSet<>();
        for (Datum d : c.inputs()) {
            if (d instanceof Tensor t) {
                for (long size : t.dims()) {
                    all.add(size);
                }
            }
        }
        all.remove(0L);
        List<Long> list = new ArrayList<>(all);
        Map<Long, Long> sizes = new HashMap<>();
        for (int i = 0; i < Math.min(list.size(), random.nextInt(1, 3)); i++) {
            long size = list.get(random.nextInt(list.size()));
            sizes.put(size, size << random.nextInt(3, 18));
        }
        return sizes;
    }

    /** An operator with one of its whole attributes multiplied; windows get pads, so that they fit; null if it has none. */
    private static Op scaled(OpDefinition<?> definition, Op op, SplittableRandom random) {
        Attributes attributes = op.attributes();
        List<String> whole = new ArrayList<>();
        for (String name : attributes.names()) {
            Object value = attributes.get(name).orElseThrow();
            if (value instanceof Long
                    || value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Long) {
                whole.add(name);
            }
        }
        if (whole.isEmpty()) {
            return null;
        }
        String name = whole.get(random.nextInt(whole.size()));
        int shift = random.nextInt(2, 12);
        Attributes changed = attributes;
        if (attributes.get(name).orElseThrow() instanceof Long number) {
            changed = changed.with(name, number << shift);
        } else {
            List<Long> values = new ArrayList<>();
            for (long value : attributes.integers(name, List.of())) {
                values.add(value << shift);
            }
            changed = changed.with(name, values);
            if (name.equals("kernel_shape")) {
                List<Long> pads = new ArrayList<>();
                for (int i = 0; i < 2 * values.size(); i++) {
                    pads.add((values.get(i % values.size()) - 1) / 2);
                }
                changed = changed.with("pads", pads);
            }
        }
        return definition.create(changed);
    }

    /** Runs a case of an operator, and tells how it ended; null if it can't be scaled so. */
    private static String run(OpCase c, Op op, SplittableRandom random, Map<String, Long> late) {
        Map<Long, Long> sizes = sizes(c, random);
        Map<String, Datum> inputs = new LinkedHashMap<>();
        Session session;
        try {
            GraphBuilder builder = new GraphBuilder("scaled");
            List<Value> operands = new ArrayList<>();
            for (int i = 0; i < c.inputs().size(); i++) {
                Datum d = c.inputs().get(i);
                Tensor t = d instanceof Tensor given ? scaled(given, sizes, random) : null;
                if (d != null && t == null) {
                    return null;
                }
                if (t != null && (t.size() > MOST_CONSTANT || !t.dtype().isInteger())) {
                    inputs.put("x" + i, t);
                }
                operands.add(
                        t == null
                                ? null
                                : inputs.containsKey("x" + i)
                                        ? builder.input("x" + i, t.type())
                                        : builder.constant("c" + i, t));
            }
            List<String> names = new ArrayList<>();
            for (int i = 0; i < Math.max(1, c.outputs()); i++) {
                names.add("y" + i);
            }
            for (Value v : builder.add(op, "node", operands, names)) {
                if (v != null) {
                    builder.output(v);
                }
            }
            session = Model.of(builder.build()).session(OPTIONS);
        } catch (TenonException e) {
            return "refused";
        }
        return predict(session, inputs, late);
    }

    private static String predict(Session session, Map<String, Datum> inputs, Map<String, Long> late) {
        String end = "ran";
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            session.predict(inputs);
        } catch (InterruptedPredictionException e) {
            end = "out of time";
        } catch (TenonException e) {
            end = "typed";
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        if (nanos > ALLOWED_NANOS) {
            late.put(session.model().graph() + " " + end, nanos / 1_000_000);
        }
        return end;
    }

    @Test
    void callsEndInTime() {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Integer> ends = new TreeMap<>();
        Map<String, Long> late = new TreeMap<>();
        int number = 0;
        for (OpDefinition<?> definition : AllCases.operators().definitions()) {
            for (OpCase c : AllCases.of(definition)) {
                SplittableRandom own = random.split();
                if (number++ % EVERY == 0) {
                    String end = run(c, c.op(), own, late);
                    ends.merge(end == null ? "too large" : end, 1, Integer::sum);
                }
            }
        }
        System.out.println("scaled operators, seed " + SEED + ": " + ends + ", late " + late.size());
        assertThat(late).as("seed %d: milliseconds of calls", SEED).isEmpty();
        assertThat(ends).containsKey("ran");
    }

    @Test
    void callsWithScaledAttributesEndInTime() {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Integer> ends = new TreeMap<>();
        Map<String, Long> late = new TreeMap<>();
        int number = 0;
        for (OpDefinition<?> definition : AllCases.operators().definitions()) {
            for (OpCase c : AllCases.of(definition)) {
                SplittableRandom own = random.split();
                if (number++ % EVERY != 0) {
                    continue;
                }
                String end;
                try {
                    Op op = scaled(definition, c.op(), own);
                    end = op == null ? "no whole attributes" : run(c, op, own, late);
                } catch (TenonException e) {
                    end = "refused";
                }
                ends.merge(end == null ? "too large" : end, 1, Integer::sum);
            }
        }
        System.out.println("scaled attributes, seed " + SEED + ": " + ends + ", late " + late.size());
        assertThat(late).as("seed %d: milliseconds of calls", SEED).isEmpty();
        assertThat(ends).containsKey("ran");
    }
}
