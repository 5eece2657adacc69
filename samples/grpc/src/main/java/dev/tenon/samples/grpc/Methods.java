package dev.tenon.samples.grpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import dev.tenon.samples.grpc.protocol.InferenceProtocol;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.grpc.protocol.ModelMetadataRequest;
import dev.tenon.samples.grpc.protocol.ModelMetadataResponse;
import dev.tenon.samples.grpc.protocol.ModelReadyRequest;
import dev.tenon.samples.grpc.protocol.ModelReadyResponse;
import dev.tenon.samples.grpc.protocol.RepositoryIndexRequest;
import dev.tenon.samples.grpc.protocol.RepositoryIndexResponse;
import dev.tenon.samples.grpc.protocol.RepositoryModelLoadRequest;
import dev.tenon.samples.grpc.protocol.RepositoryModelLoadResponse;
import dev.tenon.samples.grpc.protocol.RepositoryModelUnloadRequest;
import dev.tenon.samples.grpc.protocol.RepositoryModelUnloadResponse;
import dev.tenon.samples.grpc.protocol.ServerLiveRequest;
import dev.tenon.samples.grpc.protocol.ServerLiveResponse;
import dev.tenon.samples.grpc.protocol.ServerMetadataRequest;
import dev.tenon.samples.grpc.protocol.ServerMetadataResponse;
import dev.tenon.samples.grpc.protocol.ServerReadyRequest;
import dev.tenon.samples.grpc.protocol.ServerReadyResponse;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;

/** The methods of the service, as gRPC needs them to read and write messages; for servers and clients. */
final class Methods {
    static final MethodDescriptor<ServerLiveRequest, ServerLiveResponse> SERVER_LIVE =
            method("ServerLive", ServerLiveRequest.getDefaultInstance(), ServerLiveResponse.getDefaultInstance());
    static final MethodDescriptor<ServerReadyRequest, ServerReadyResponse> SERVER_READY =
            method("ServerReady", ServerReadyRequest.getDefaultInstance(), ServerReadyResponse.getDefaultInstance());
    static final MethodDescriptor<ModelReadyRequest, ModelReadyResponse> MODEL_READY =
            method("ModelReady", ModelReadyRequest.getDefaultInstance(), ModelReadyResponse.getDefaultInstance());
    static final MethodDescriptor<ServerMetadataRequest, ServerMetadataResponse> SERVER_METADATA = method(
            "ServerMetadata", ServerMetadataRequest.getDefaultInstance(), ServerMetadataResponse.getDefaultInstance());
    static final MethodDescriptor<ModelMetadataRequest, ModelMetadataResponse> MODEL_METADATA = method(
            "ModelMetadata", ModelMetadataRequest.getDefaultInstance(), ModelMetadataResponse.getDefaultInstance());
    static final MethodDescriptor<ModelInferRequest, ModelInferResponse> MODEL_INFER =
            method("ModelInfer", ModelInferRequest.getDefaultInstance(), ModelInferResponse.getDefaultInstance());

    static final MethodDescriptor<RepositoryIndexRequest, RepositoryIndexResponse> REPOSITORY_INDEX = method(
            "RepositoryIndex",
            RepositoryIndexRequest.getDefaultInstance(),
            RepositoryIndexResponse.getDefaultInstance());
    static final MethodDescriptor<RepositoryModelLoadRequest, RepositoryModelLoadResponse> REPOSITORY_MODEL_LOAD =
            method(
                    "RepositoryModelLoad",
                    RepositoryModelLoadRequest.getDefaultInstance(),
                    RepositoryModelLoadResponse.getDefaultInstance());
    static final MethodDescriptor<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse> REPOSITORY_MODEL_UNLOAD =
            method(
                    "RepositoryModelUnload",
                    RepositoryModelUnloadRequest.getDefaultInstance(),
                    RepositoryModelUnloadResponse.getDefaultInstance());

    /** The service with all of its methods. */
    static final io.grpc.ServiceDescriptor SERVICE = io.grpc.ServiceDescriptor.newBuilder(
                    service().getFullName())
            .setSchemaDescriptor(new Schema())
            .addMethod(SERVER_LIVE)
            .addMethod(SERVER_READY)
            .addMethod(MODEL_READY)
            .addMethod(SERVER_METADATA)
            .addMethod(MODEL_METADATA)
            .addMethod(MODEL_INFER)
            .addMethod(REPOSITORY_INDEX)
            .addMethod(REPOSITORY_MODEL_LOAD)
            .addMethod(REPOSITORY_MODEL_UNLOAD)
            .build();

    /** Where reflection finds the service. */
    private static final class Schema implements ProtoServiceDescriptorSupplier {
        @Override
        public ServiceDescriptor getServiceDescriptor() {
            return service();
        }

        @Override
        public FileDescriptor getFileDescriptor() {
            return InferenceProtocol.getDescriptor();
        }
    }

    private Methods() {}

    private static ServiceDescriptor service() {
        return InferenceProtocol.getDescriptor().findServiceByName("GRPCInferenceService");
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(
                        MethodDescriptor.generateFullMethodName(service().getFullName(), name))
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .setSampledToLocalTracing(true)
                .build();
    }
}
