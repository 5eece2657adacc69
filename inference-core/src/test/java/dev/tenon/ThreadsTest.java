package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many threads use one session. Results have the same bits for any calling thread and any number of workers. */
@Tag("tiers")
@Tag("short")
class ThreadsTest {
    private static final int CALLERS = 8;
    private static final int CALLS = 150;
    private static final int SHAPES = 12;

    private static Tensor input(int shape) {
        return SmallModels.random(1 + 37L * shape, 16);
    }

    private static List<Tensor> expected(Session session) {
        List<Tensor> outputs = new ArrayList<>();
        for (int i = 0; i < SHAPES; i++) {
            outputs.add(session.predict(Map.of("x", input(i))).tensor());
        }
        return outputs;
    }

    private static Callable<Void> caller(Session session, List<Tensor> expected, int seed) {
        return () -> {
            for (int i = 0; i < CALLS; i++) {
                int shape = (i * 7 + seed) % SHAPES;
                Map<String, Tensor> inputs = Map.of("x", input(shape));
                Tensor y = i % 2 == 0
                        ? session.predict(inputs).tensor()
                        : into(session, inputs, expected.get(shape).dims());
                assertThat(y.contentEquals(expected.get(shape)))
                        .as("call %d of caller %d", i, seed)
                        .isTrue();
            }
            return null;
        };
    }

    private static Tensor into(Session session, Map<String, Tensor> inputs, long[] dims) {
        Tensor y = Tensor.allocate(DType.FLOAT32, dims);
        session.predict(inputs, Map.of("y", y));
        return y;
    }

    private static void callAtOnce(Session session, List<Tensor> expected) throws Exception {
        try (ExecutorService platform = Executors.newFixedThreadPool(CALLERS);
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> calls = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                calls.add(platform.submit(caller(session, expected, i)));
                calls.add(virtual.submit(caller(session, expected, CALLERS + i)));
            }
            for (Future<Void> call : calls) {
                call.get();
            }
        }
    }

    @Test
    void callersDoNotDisturbEachOther() throws Exception {
        Model model = SmallModels.perceptron();
        List<Tensor> expected = expected(model.session(SessionOptions.standard().threads(1)));
        callAtOnce(model.session(SessionOptions.standard().threads(1)), expected);
        callAtOnce(model.session(SessionOptions.standard().threads(4)), expected);
    }

    @Test
    void callersDoNotDisturbEachOtherWhilePlansAreDropped() throws Exception {
        Model model = SmallModels.perceptron();
        List<Tensor> expected = expected(model.session());
        callAtOnce(model.session(SessionOptions.standard().planCacheBytes(0)), expected);
    }

    @Test
    void theBitsDoNotDependOnTheNumberOfThreads() {
        Model model = SmallModels.model("""
            graph wide(%x: f32[rows,96]) {
              %w = const f32[96,200] @w96x200
              %v = const f32[200,64] @w200x64
              %axis = const i64[1] {0}
              %h = MatMul(%x, %w)
              %r = Relu(%h)
              %y = MatMul(%r, %v)
              %p = Softmax<axis=-1>(%y)
              %sum = ReduceSum<keepdims=1>(%p, %axis)
              %z = Div(%p, %sum)
              return %y, %z, %sum
            }
            """);
        for (long rows : new long[] {1, 17, 300}) {
            Map<String, Tensor> inputs = Map.of("x", SmallModels.random(rows, 96));
            Outputs one = model.session(SessionOptions.standard().threads(1)).predict(inputs);
            for (int threads : new int[] {2, 3, 16}) {
                Session session = model.session(SessionOptions.standard().threads(threads));
                for (int repeat = 0; repeat < 20; repeat++) {
                    Outputs many = session.predict(inputs);
                    for (String name : one.keySet()) {
                        assertThat(many.tensor(name).contentEquals(one.tensor(name)))
                                .as("%s of %d rows with %d threads", name, rows, threads)
                                .isTrue();
                    }
                }
            }
        }
    }
}
