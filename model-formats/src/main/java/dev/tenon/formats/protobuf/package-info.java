/**
 * The wire format of Protocol Buffers, read from and written to memory segments of any size.
 *
 * <p>{@link dev.tenon.formats.protobuf.WireReader} walks the fields of one message without copying,
 * {@link dev.tenon.formats.protobuf.Scalars} holds a repeated number the way it lies in the file, and
 * {@link dev.tenon.formats.protobuf.WireWriter} strings bytes and slices together before a byte is written.
 *
 * <p>What must not live here: any message of any schema. A schema is a package of its own (such as
 * {@code dev.tenon.formats.onnx.proto}) that calls these three types; there is no generated code.
 */
package dev.tenon.formats.protobuf;
