package dev.tenon.samples.grpc;

import dev.tenon.samples.serve.BodyMemory;
import dev.tenon.samples.serve.RequestException;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/** Counts the bytes of messages, as they arrive, against the memory of all bodies. A message without room ends its call. */
final class MessageMemory extends ServerStreamTracer.Factory {
    private final BodyMemory memory;

    MessageMemory(BodyMemory memory) {
        this.memory = memory;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Counter();
    }

    /** The bytes that a call has taken. The thread of its connection counts, and any thread may end it. */
    private final class Counter extends ServerStreamTracer {
        private long bytes;
        private long taken;
        private boolean closed;

        @Override
        public synchronized void inboundWireSize(long more) {
            bytes += more;
            long missing = bytes - BodyMemory.FREE_BYTES - taken;
            if (closed || missing <= 0) {
                return;
            }
            try {
                memory.take(taken, missing);
                taken += missing;
            } catch (RequestException e) {
                // As for a message that is too long, gRPC resets the stream.
                throw InferenceService.status(e.failure())
                        .withDescription(e.getMessage())
                        .asRuntimeException();
            }
        }

        @Override
        public synchronized void streamClosed(Status status) {
            memory.give(taken);
            taken = 0;
            closed = true;
        }
    }
}
