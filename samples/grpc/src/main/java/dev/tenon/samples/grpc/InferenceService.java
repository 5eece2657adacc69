package dev.tenon.samples.grpc;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.grpc.protocol.ModelMetadataRequest;
import dev.tenon.samples.grpc.protocol.ModelMetadataResponse;
import dev.tenon.samples.grpc.protocol.ModelMetadataResponse.TensorMetadata;
import dev.tenon.samples.grpc.protocol.ModelReadyRequest;
import dev.tenon.samples.grpc.protocol.ModelReadyResponse;
import dev.tenon.samples.grpc.protocol.ServerLiveRequest;
import dev.tenon.samples.grpc.protocol.ServerLiveResponse;
import dev.tenon.samples.grpc.protocol.ServerMetadataRequest;
import dev.tenon.samples.grpc.protocol.ServerMetadataResponse;
import dev.tenon.samples.grpc.protocol.ServerReadyRequest;
import dev.tenon.samples.grpc.protocol.ServerReadyResponse;
import dev.tenon.samples.serve.DataType;
import dev.tenon.samples.serve.Descriptions;
import dev.tenon.samples.serve.Failure;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.serving.Cancellation;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The methods of the protocol. The deadline of a call becomes that of its prediction, and a client that gives up ends its
 * prediction. Safe for any number of threads.
 */
final class InferenceService implements BindableService {
    private final ServedModels models;
    private final RepositoryMethods repository;

    InferenceService(ServedModels models) {
        this.models = models;
        this.repository = new RepositoryMethods(models);
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(Methods.SERVICE)
                .addMethod(Methods.SERVER_LIVE, ServerCalls.asyncUnaryCall(this::serverLive))
                .addMethod(Methods.SERVER_READY, ServerCalls.asyncUnaryCall(this::serverReady))
                .addMethod(Methods.MODEL_READY, ServerCalls.asyncUnaryCall(this::modelReady))
                .addMethod(Methods.SERVER_METADATA, ServerCalls.asyncUnaryCall(this::serverMetadata))
                .addMethod(Methods.MODEL_METADATA, ServerCalls.asyncUnaryCall(this::modelMetadata))
                .addMethod(Methods.MODEL_INFER, ServerCalls.asyncUnaryCall(this::modelInfer))
                .addMethod(
                        Methods.REPOSITORY_INDEX,
                        ServerCalls.asyncUnaryCall((request, to) -> answer(to, () -> repository.index(request))))
                .addMethod(
                        Methods.REPOSITORY_MODEL_LOAD,
                        ServerCalls.asyncUnaryCall((request, to) -> answer(to, () -> repository.load(request))))
                .addMethod(
                        Methods.REPOSITORY_MODEL_UNLOAD,
                        ServerCalls.asyncUnaryCall((request, to) -> answer(to, () -> repository.unload(request))))
                .build();
    }

    private void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> to) {
        answer(to, () -> ServerLiveResponse.newBuilder().setLive(true).build());
    }

    private void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> to) {
        answer(
                to,
                () -> ServerReadyResponse.newBuilder()
                        .setReady(models.isReady())
                        .build());
    }

    private void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> to) {
        answer(to, () -> {
            models.model(request.getName(), request.getVersion());
            return ModelReadyResponse.newBuilder().setReady(models.isReady()).build();
        });
    }

    private void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> to) {
        answer(
                to,
                () -> ServerMetadataResponse.newBuilder()
                        .setName("tenon")
                        .setVersion(models.options().version())
                        .build());
    }

    private void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> to) {
        answer(to, () -> {
            Model model = models.model(request.getName(), request.getVersion());
            ModelMetadataResponse.Builder response = ModelMetadataResponse.newBuilder()
                    .setName(request.getName())
                    .setPlatform(Descriptions.platform(model));
            models.models().versions(request.getName()).forEach(v -> response.addVersions(v.version()));
            model.inputs().forEach(value -> response.addInputs(describe(value)));
            model.outputs().forEach(value -> response.addOutputs(describe(value)));
            return response.build();
        });
    }

    private static TensorMetadata describe(ValueInfo value) {
        TensorMetadata.Builder to = TensorMetadata.newBuilder().setName(value.name());
        if (!(value.type() instanceof TensorType type) || DataType.of(type.dtype()) == null) {
            return to.setDatatype(value.type().toString()).build();
        }
        to.setDatatype(DataType.of(type.dtype()).name());
        Shape shape = type.shape();
        for (int i = 0; shape.hasRank() && i < shape.rank(); i++) {
            to.addShape(shape.dim(i).orElse(-1));
        }
        return to.build();
    }

    void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> to) {
        answer(to, () -> {
            // An unknown model is told before faults of the inputs.
            models.model(request.getModelName(), request.getModelVersion());
            Cancellation cancellation = new Cancellation();
            Context.CancellationListener gone = context -> cancellation.cancel();
            Context call = Context.current();
            // It runs on the thread that ends the call, even while this thread computes.
            call.addListener(gone, Runnable::run);
            try {
                ServedModels.Prediction prediction =
                        models.predict(InferRequests.read(request, remaining(call.getDeadline()), cancellation));
                return InferResponses.write(request, prediction);
            } finally {
                call.removeListener(gone);
            }
        });
    }

    /** The time that is left before a deadline, at least a nanosecond. */
    private static Optional<Duration> remaining(Deadline deadline) {
        return Optional.ofNullable(deadline)
                .map(d -> Duration.ofNanos(Math.max(1, d.timeRemaining(TimeUnit.NANOSECONDS))));
    }

    /** Answers a call by its content, or by the status of its failure. */
    static <R> void answer(StreamObserver<R> to, Supplier<R> content) {
        R response;
        try {
            response = content.get();
        } catch (RuntimeException | Error e) {
            to.onError(status(Failure.of(e)).withDescription(Failure.message(e)).asRuntimeException());
            return;
        }
        to.onNext(response);
        to.onCompleted();
    }

    /** The status of gRPC for a failure. A call whose deadline ended it was not cancelled by its client. */
    static Status status(Failure failure) {
        return switch (failure) {
            case INVALID, WRONG_METHOD, UNEXPECTED -> Status.INVALID_ARGUMENT;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case TOO_LARGE, HEAD_TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
            case BROKEN -> Status.INTERNAL;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case CANCELLED -> {
                Deadline deadline = Context.current().getDeadline();
                yield deadline != null && deadline.isExpired() ? Status.DEADLINE_EXCEEDED : Status.CANCELLED;
            }
            case EXPIRED, SLOW -> Status.DEADLINE_EXCEEDED;
        };
    }
}
