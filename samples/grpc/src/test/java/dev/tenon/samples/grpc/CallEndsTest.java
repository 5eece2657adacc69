package dev.tenon.samples.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.samples.grpc.protocol.InferParameter;
import dev.tenon.samples.grpc.protocol.InferTensorContents;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferRequest.InferInputTensor;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.serve.BodyMemory;
import dev.tenon.samples.serve.HttpLimits;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.samples.serve.ServerOptions;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.PredictionListener.Outcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deadlines, cancellation, overload and the end of the server, with predictions that wait at a gate. */
@Timeout(60)
class CallEndsTest {
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private ServedModels models;
    private TestConnection connection;

    @BeforeEach
    void start() throws IOException {
        Gate.ARRIVED.drainPermits();
        Gate.OPEN.drainPermits();
        ServerOptions options = ServerOptions.standard()
                .at("127.0.0.1", 0)
                .http(HttpLimits.standard().withBodyMemory(2 * BodyMemory.FREE_BYTES));
        PredictionListener ends = new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                outcomes.add(report.outcome());
            }
        };
        models = new ServedModels(
                options.engine(
                        options.sessions(),
                        options.batching().slots(1).queueRows(1).listener(ends)),
                new Metrics());
        models.load("gate", "1", TestModels.gate());
        connection = TestConnection.to(models);
    }

    @AfterEach
    void stop() {
        Gate.OPEN.release(1_000);
        connection.close();
    }

    private static ModelInferRequest request() {
        return ModelInferRequest.newBuilder()
                .setModelName("gate")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(1)
                        .setContents(InferTensorContents.newBuilder().addFp32Contents(21)))
                .build();
    }

    private Future<ModelInferResponse> call(CallOptions options) {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                connection.channel().newCall(Methods.MODEL_INFER, options);
        return ClientCalls.futureUnaryCall(call, request());
    }

    /** A call that has come to the gate. */
    private Future<ModelInferResponse> running() throws InterruptedException {
        Future<ModelInferResponse> call = call(CallOptions.DEFAULT);
        Gate.ARRIVED.acquire();
        return call;
    }

    private void awaitQueued(int rows) throws InterruptedException {
        while (models.models().versions("gate").getFirst().statistics().queuedRows() != rows) {
            // Ends when the test's time is up.
            Thread.sleep(1);
        }
    }

    private static Status.Code code(Future<ModelInferResponse> call) throws InterruptedException {
        try {
            throw new AssertionError("it was answered: " + call.get());
        } catch (ExecutionException e) {
            return ((StatusRuntimeException) e.getCause()).getStatus().getCode();
        }
    }

    private static void assertAnswered(Future<ModelInferResponse> call)
            throws InterruptedException, ExecutionException {
        assertThat(call.get().getOutputs(0).getContents().getFp32Contents(0)).isEqualTo(42);
    }

    @Test
    void aDeadlineEndsACallThatWaits() throws Exception {
        Future<ModelInferResponse> first = running();
        Future<ModelInferResponse> second = call(CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS));
        awaitQueued(1);
        assertThat(code(second)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        // The server knows the deadline, or the client's end of the call comes first.
        assertThat(outcomes.take()).isIn(Outcome.EXPIRED_QUEUED, Outcome.CANCELLED);
        Gate.OPEN.release();
        assertAnswered(first);
        assertThat(outcomes.take()).isEqualTo(Outcome.DONE);
    }

    /** The limit that the request itself names is known to the server alone. */
    @Test
    void theTimeoutOfARequestEndsIt() throws Exception {
        Future<ModelInferResponse> first = running();
        ModelInferRequest impatient = request().toBuilder()
                .putParameters(
                        "timeout",
                        InferParameter.newBuilder().setInt64Param(50_000).build())
                .build();
        Future<ModelInferResponse> second = ClientCalls.futureUnaryCall(
                connection.channel().newCall(Methods.MODEL_INFER, CallOptions.DEFAULT), impatient);
        assertThat(code(second)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(outcomes.take()).isEqualTo(Outcome.EXPIRED_QUEUED);
        Gate.OPEN.release();
        assertAnswered(first);
    }

    @Test
    void aClientThatGivesUpEndsItsCall() throws Exception {
        Future<ModelInferResponse> first = running();
        Future<ModelInferResponse> second = call(CallOptions.DEFAULT);
        awaitQueued(1);
        assertThat(second.cancel(true)).isTrue();
        assertThat(outcomes.take()).isEqualTo(Outcome.CANCELLED);
        Gate.OPEN.release();
        assertAnswered(first);
    }

    /** Is told how a call ends that must not be answered. */
    private static StreamObserver<ModelInferResponse> observer(CompletableFuture<Status> end) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ModelInferResponse response) {
                end.completeExceptionally(new AssertionError("it was answered: " + response));
            }

            @Override
            public void onError(Throwable t) {
                end.complete(Status.fromThrowable(t));
            }

            @Override
            public void onCompleted() {
                end.completeExceptionally(new AssertionError("it was completed"));
            }
        };
    }

    /** The context of a call is what gRPC ends when a client gives up. */
    @Test
    void aCallThatRunsEndsBeforeItsNextStep() throws Exception {
        InferenceService service = new InferenceService(models);
        CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<ModelInferResponse> observer = observer(end);
        try (Context.CancellableContext context = Context.ROOT.withCancellation()) {
            Thread caller = Thread.ofVirtual().start(context.wrap(() -> service.modelInfer(request(), observer)));
            Gate.ARRIVED.acquire();
            context.cancel(null);
            Gate.OPEN.release();
            caller.join();
        }
        assertThat(end.get().getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(outcomes.take()).isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void aFullQueueIsToldAtOnce() throws Exception {
        Future<ModelInferResponse> first = running();
        Future<ModelInferResponse> second = call(CallOptions.DEFAULT);
        awaitQueued(1);
        assertThat(code(call(CallOptions.DEFAULT))).isEqualTo(Status.Code.UNAVAILABLE);
        Gate.OPEN.release(2);
        assertAnswered(first);
        assertAnswered(second);
    }

    /** A call whose message has so many bytes, or a few more. */
    private Future<ModelInferResponse> large(int bytes) {
        ModelInferRequest request =
                request().toBuilder().setId("x".repeat(bytes)).build();
        return ClientCalls.futureUnaryCall(
                connection.channel().newCall(Methods.MODEL_INFER, CallOptions.DEFAULT), request);
    }

    @Test
    void messagesShareTheMemoryOfBodies() throws Exception {
        int free = BodyMemory.FREE_BYTES;
        assertThat(code(large(4 * free))).as("it never fits").isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        Future<ModelInferResponse> first = large(2 * free);
        Gate.ARRIVED.acquire();
        assertThat(models.bodyMemory().taken()).isBetween((long) free, 2L * free);
        assertThat(code(large(2 * free))).as("it does not fit now").isEqualTo(Status.Code.UNAVAILABLE);
        Future<ModelInferResponse> small = call(CallOptions.DEFAULT);
        awaitQueued(1);
        Gate.OPEN.release(3);
        assertAnswered(first);
        assertAnswered(small);
        while (models.bodyMemory().taken() > 0) {
            // Ends when the test's time is up.
            Thread.sleep(1);
        }
        assertAnswered(large(2 * free));
    }

    @Test
    void anErrorEndsOneCall() throws Exception {
        for (Error error : List.of(new StackOverflowError(), new OutOfMemoryError("of the test"))) {
            CompletableFuture<Status> end = new CompletableFuture<>();
            InferenceService.answer(observer(end), () -> {
                throw error;
            });
            assertThat(end.get().getCode())
                    .isEqualTo(error instanceof OutOfMemoryError ? Status.Code.UNAVAILABLE : Status.Code.INTERNAL);
            assertThat(end.get().getDescription()).doesNotContain("of the test");
        }
    }

    @Test
    void theEndOfTheServerLosesNoCallThatRuns() throws Exception {
        Future<ModelInferResponse> first = running();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(connection.server()::close);
        // The server refuses calls from the moment on at which it ends; the one that runs is not hurt.
        Status.Code refused = null;
        while (refused == null) {
            Future<ModelInferResponse> late = call(CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS));
            Status.Code code = code(late);
            refused = code == Status.Code.DEADLINE_EXCEEDED ? null : code;
        }
        assertThat(refused).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(closed.isDone()).isFalse();
        Gate.OPEN.release(2);
        assertAnswered(first);
        closed.get();
    }
}
