package dev.tenon.samples.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Reads and writes messages of which only the numbers of their fields are known. */
final class FieldsByNumber implements MethodDescriptor.Marshaller<UnknownFieldSet> {
    @Override
    public InputStream stream(UnknownFieldSet message) {
        return message.toByteString().newInput();
    }

    @Override
    public UnknownFieldSet parse(InputStream stream) {
        try {
            return UnknownFieldSet.parseFrom(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static UnknownFieldSet parsed(ByteString message) {
        try {
            return UnknownFieldSet.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
