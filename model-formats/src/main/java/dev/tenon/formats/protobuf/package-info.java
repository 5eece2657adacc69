/**
 * The wire format of Protocol Buffers, read from and written to memory segments of any size.
 *
 * <p>{@link dev.tenon.formats.protobuf.WireReader} walks the fields of one message without copying.
 * {@link dev.tenon.formats.protobuf.Scalars} holds a repeated scalar field as it is encoded in the file.
 * {@link dev.tenon.formats.protobuf.WireWriter} collects the fields of a message and then writes them.
 *
 * <p>The messages of a schema do not belong here. A schema is a package of its own, such as
 * {@code dev.tenon.formats.onnx.proto}, that calls these three types. There is no generated code.
 */
package dev.tenon.formats.protobuf;
