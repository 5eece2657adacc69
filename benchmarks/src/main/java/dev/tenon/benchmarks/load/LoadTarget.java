package dev.tenon.benchmarks.load;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.tenon.Session;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An engine under load: it computes calls on threads of its own, and tells when each has ended. */
interface LoadTarget extends AutoCloseable {
    /** Rows that wait before calls are refused: as good as none. */
    int LONG_QUEUE = 1_000_000;

    /** Its name in tables. */
    String name();

    /** Begins a call without waiting for its end. The future fails if the call is refused. */
    CompletableFuture<?> begin(Map<String, Tensor> inputs);

    /** How many calls ran in one run on average, since the start. */
    double callsARun();

    @Override
    void close();

    /** A session through a batcher. */
    static LoadTarget tenon(String name, Session session, BatchOptions options, int slots) {
        ExecutorService threads = Executors.newFixedThreadPool(slots);
        Batcher batcher =
                Batcher.of(session, options.slots(slots).queueRows(LONG_QUEUE).executor(threads));
        return new LoadTarget() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public CompletableFuture<?> begin(Map<String, Tensor> inputs) {
                return batcher.submit(inputs, Call.standard());
            }

            @Override
            public double callsARun() {
                return (double) batcher.statistics().calls()
                        / Math.max(1, batcher.statistics().runs());
            }

            @Override
            public void close() {
                threads.shutdownNow();
            }
        };
    }

    /** ONNX Runtime, with one thread for each call and as many calls at a time as there are slots. */
    static LoadTarget onnxRuntime(Path model, int slots) {
        ExecutorService threads = Executors.newFixedThreadPool(slots);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession session;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(model.toString(), options);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        return new LoadTarget() {
            @Override
            public String name() {
                return "ONNX Runtime";
            }

            @Override
            public CompletableFuture<?> begin(Map<String, Tensor> inputs) {
                return CompletableFuture.runAsync(() -> run(environment, session, inputs), threads);
            }

            @Override
            public double callsARun() {
                return 1;
            }

            @Override
            public void close() {
                threads.shutdownNow();
            }
        };
    }

    private static void run(OrtEnvironment environment, OrtSession session, Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                Tensor t = e.getValue();
                ByteBuffer bytes = ByteBuffer.allocateDirect((int) t.byteSize()).order(ByteOrder.nativeOrder());
                t.copyTo(bytes.duplicate().order(ByteOrder.nativeOrder()));
                given.put(
                        e.getKey(),
                        t.dtype() == DType.INT64
                                ? OnnxTensor.createTensor(environment, bytes.asLongBuffer(), t.dims())
                                : OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), t.dims()));
            }
            try (OrtSession.Result result = session.run(given)) {
                if (result.size() == 0) {
                    throw new IllegalStateException("the model has no outputs");
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }
}
