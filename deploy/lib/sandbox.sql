-- The tables of the sandbox, and the rights that pt-online-schema-change needs and no more.
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;

CREATE TABLE customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(60) NOT NULL COMMENT '客户姓名',
  phone CHAR(11) NOT NULL COMMENT '手机号',
  city VARCHAR(30) NOT NULL COMMENT '城市',
  created_at DATETIME NOT NULL COMMENT '注册时间',
  PRIMARY KEY (id),
  UNIQUE KEY uk_phone (phone)
) ENGINE=InnoDB COMMENT='客户';

INSERT INTO customers
SELECT seq,
       CONCAT(ELT(1 + seq % 8, '王', '李', '张', '刘', '陈', '杨', '赵', '黄'),
              ELT(1 + seq % 7, '伟', '芳', '娜', '敏', '静', '磊', '洋')),
       CONCAT('13', LPAD(seq * 7919 % 1000000000, 9, '0')),
       ELT(1 + seq % 6, '北京', '上海', '广州', '深圳', '杭州', '成都'),
       '2022-01-01' + INTERVAL seq MINUTE
FROM seq_1_to_20000;

CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '订单号',
  customer_id INT UNSIGNED NOT NULL COMMENT '客户',
  status ENUM('new','paid','shipped','done','cancelled') NOT NULL DEFAULT 'new' COMMENT '状态',
  amount DECIMAL(10,2) NOT NULL COMMENT '金额（元）',
  currency CHAR(3) NOT NULL DEFAULT 'CNY' COMMENT '币种',
  address VARCHAR(200) NOT NULL COMMENT '收货地址',
  remark VARCHAR(255) DEFAULT NULL COMMENT '备注',
  created_at DATETIME NOT NULL COMMENT '下单时间',
  paid_at DATETIME DEFAULT NULL COMMENT '付款时间',
  PRIMARY KEY (id),
  KEY idx_customer (customer_id, created_at),
  KEY idx_status (status, created_at)
) ENGINE=InnoDB COMMENT='订单';

INSERT INTO orders
SELECT seq,
       1 + seq * 31 % 20000,
       ELT(1 + seq % 5, 'new', 'paid', 'shipped', 'done', 'cancelled'),
       ROUND(5 + seq * 7919 % 99500 / 100, 2),
       'CNY',
       CONCAT(ELT(1 + seq % 6, '北京市朝阳区', '上海市浦东新区', '广州市天河区', '深圳市南山区',
                  '杭州市西湖区', '成都市武侯区'), '人民路', 1 + seq % 999, '号'),
       IF(seq % 4 = 0, ELT(1 + seq % 3, '请送货上门', '周末配送', '电话联系 ☎️'), NULL),
       '2023-01-01' + INTERVAL seq * 3 MINUTE,
       IF(seq % 5 = 0, NULL, '2023-01-01' + INTERVAL seq * 3 + 10 MINUTE)
FROM seq_1_to_240000;

-- Old orders were purged, as in real life: there is space for a 碎片整理 to give back.
DELETE FROM orders WHERE id <= 40000;

CREATE TABLE order_items (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  order_id BIGINT UNSIGNED NOT NULL COMMENT '订单号',
  sku VARCHAR(32) NOT NULL COMMENT '商品编码',
  quantity SMALLINT UNSIGNED NOT NULL DEFAULT 1 COMMENT '数量',
  price DECIMAL(10,2) NOT NULL COMMENT '单价（元）',
  PRIMARY KEY (id),
  KEY idx_order (order_id)
) ENGINE=InnoDB COMMENT='订单明细';

INSERT INTO order_items
SELECT seq, 40001 + seq * 3 % 200000, CONCAT('SKU-', LPAD(seq % 500, 4, '0')), 1 + seq % 3,
       ROUND(1 + seq * 104729 % 49900 / 100, 2)
FROM seq_1_to_50000;

-- Without statistics the row estimate of a fresh table may be 0.
ANALYZE TABLE customers, orders, order_items;

GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER, LOCK TABLES
  ON shop.* TO oscar@'127.0.0.1';
-- The process list (load, long transactions) and the search for replicas.
GRANT PROCESS, REPLICATION SLAVE, REPLICATION MASTER ADMIN, SLAVE MONITOR, BINLOG MONITOR
  ON *.* TO oscar@'127.0.0.1';
