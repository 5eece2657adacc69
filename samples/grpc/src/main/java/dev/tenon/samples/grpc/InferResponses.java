package dev.tenon.samples.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tenon.samples.grpc.protocol.ModelInferRequest;
import dev.tenon.samples.grpc.protocol.ModelInferResponse;
import dev.tenon.samples.grpc.protocol.ModelInferResponse.InferOutputTensor;
import dev.tenon.samples.serve.DataType;
import dev.tenon.samples.serve.RawTensors;
import dev.tenon.samples.serve.ServedModels;
import dev.tenon.tensor.Tensor;

/** Writes predictions. */
final class InferResponses {
    private InferResponses() {}

    /** Writes the answer to a request; raw if its inputs were raw, or if the protocol has an output in raw form only. */
    static ModelInferResponse write(ModelInferRequest request, ServedModels.Prediction prediction) {
        boolean raw = request.getRawInputContentsCount() > 0
                || prediction.outputs().values().stream()
                        .anyMatch(t -> TensorContents.isRawOnly(DataType.of(t.dtype())));
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(request.getModelName())
                .setModelVersion(prediction.version())
                .setId(request.getId());
        prediction.outputs().forEach((name, tensor) -> {
            response.addOutputs(describe(name, tensor, raw));
            if (raw) {
                response.addRawOutputContents(bytes(tensor));
            }
        });
        return response.build();
    }

    private static InferOutputTensor describe(String name, Tensor tensor, boolean raw) {
        InferOutputTensor.Builder output = InferOutputTensor.newBuilder()
                .setName(name)
                .setDatatype(DataType.of(tensor.dtype()).name());
        for (long d : tensor.dims()) {
            output.addShape(d);
        }
        return raw
                ? output.build()
                : output.setContents(TensorContents.write(tensor)).build();
    }

    /** The bytes of a tensor, which nothing else refers to. */
    private static ByteString bytes(Tensor tensor) {
        return UnsafeByteOperations.unsafeWrap(RawTensors.write(tensor));
    }
}
