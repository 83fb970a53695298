// The same queries in SQL, for SQLite. Not all of them say in which order rows come.

export interface Sql {
  readonly text: string;
  /** Whether the rows come in one order alone. */
  readonly ordered?: true;
}

export const sql: Readonly<Record<string, Sql>> = {
  q1: {
    ordered: true,
    text: `select returned, status, sum(quantity), sum(price), sum(price * (1 - discount)),
        sum(price * (1 - discount) * (1 + tax)), avg(quantity), avg(price), avg(discount), count(*)
      from lineitem where shipped <= '1998-09-02' group by returned, status order by returned, status`,
  },
  q3: {
    ordered: true,
    text: `select i.orderkey, sum(i.price * (1 - i.discount)) as revenue, o.date, o.shippriority
      from customer c join orders o on o.custkey = c.key join lineitem i on i.orderkey = o.key
      where c.segment = 'BUILDING' and o.date < '1995-03-15' and i.shipped > '1995-03-15'
      group by i.orderkey, o.date, o.shippriority order by revenue desc limit 10`,
  },
  q4: {
    ordered: true,
    text: `select priority, count(*) from orders where date >= '1993-07-01' and date < '1993-10-01'
        and exists (select 1 from lineitem i where i.orderkey = orders.key and i.committed < i.received)
      group by priority order by priority`,
  },
  q5: {
    ordered: true,
    text: `select n.name, sum(i.price * (1 - i.discount)) as revenue
      from orders o join customer c on c.key = o.custkey join lineitem i on i.orderkey = o.key
        join supplier s on s.key = i.suppkey and s.nationkey = c.nationkey join nation n on n.key = s.nationkey
      where n.region = 'ASIA' and o.date >= '1994-01-01' and o.date < '1995-01-01'
      group by n.name order by revenue desc`,
  },
  q6: {
    text: `select sum(price * discount) from lineitem where shipped >= '1994-01-01' and shipped < '1995-01-01'
      and discount between 0.05 and 0.07 and quantity < 24`,
  },
  q10: {
    ordered: true,
    text: `select c.key, sum(i.price * (1 - i.discount)) as revenue, c.name, c.comment, n.name
      from orders o join lineitem i on i.orderkey = o.key join customer c on c.key = o.custkey
        join nation n on n.key = c.nationkey
      where o.date >= '1993-10-01' and o.date < '1994-01-01' and i.returned = 'R'
      group by c.key, c.name, c.comment, n.name order by revenue desc limit 20`,
  },
  q12: {
    ordered: true,
    text: `select i.mode, sum(o.priority in ('1-URGENT', '2-HIGH')), sum(o.priority not in ('1-URGENT', '2-HIGH'))
      from lineitem i join orders o on o.key = i.orderkey
      where i.mode in ('MAIL', 'SHIP') and i.committed < i.received and i.shipped < i.committed
        and i.received >= '1994-01-01' and i.received < '1995-01-01'
      group by i.mode order by i.mode`,
  },
  q13: {
    ordered: true,
    text: `select orders, count(*) as customers from (
        select c.key, count(o.key) as orders from customer c
          left join orders o on o.custkey = c.key and o.comment not like '%special%requests%' group by c.key)
      group by orders order by customers desc, orders desc`,
  },
  q14: {
    text: `select 100.0 * sum(case when p.type like 'PROMO%' then i.price * (1 - i.discount) else 0 end)
        / sum(i.price * (1 - i.discount))
      from lineitem i join part p on p.key = i.partkey
      where i.shipped >= '1995-09-01' and i.shipped < '1995-10-01'`,
  },
  q18: {
    ordered: true,
    text: `select c.name, c.key, o.key, o.date, o.total, l.quantity
      from (select orderkey, sum(quantity) as quantity from lineitem group by orderkey having sum(quantity) > 250) l
        join orders o on o.key = l.orderkey join customer c on c.key = o.custkey
      order by o.total desc, o.date limit 100`,
  },
  q19: {
    text: `select sum(i.price * (1 - i.discount)) from lineitem i join part p on p.key = i.partkey
      where i.mode in ('AIR', 'REG AIR') and i.instruction = 'DELIVER IN PERSON' and (
        (p.brand = 'Brand#12' and p.container in ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
          and i.quantity between 1 and 11 and p.size between 1 and 5)
        or (p.brand = 'Brand#23' and p.container in ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
          and i.quantity between 10 and 20 and p.size between 1 and 10)
        or (p.brand = 'Brand#34' and p.container in ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
          and i.quantity between 20 and 30 and p.size between 1 and 15))`,
  },
  unionByNation: {
    text: `select n.name, count(*) from (select nationkey from customer union all select nationkey from supplier) d
      join nation n on n.key = d.nationkey group by n.name`,
  },
  monthsByPartitions: { text: "select substr(shipped, 1, 7), count(*) from lineitem group by 1" },
  distinctPairs: {
    text: "select mode, count(distinct suppkey), count(distinct partkey) from lineitem group by mode",
  },
  globalOrder: {
    text: `with places as (
        select key, row_number() over (order by priority desc, total desc, key desc) as place from orders)
      select sum(place * (key % 1000)), max(case when place = 1 then key end), max(case when place = 2 then key end),
        max(case when place = 3 then key end) from places`,
  },
  groupsOfCustomers: {
    text: "select segment, min(balance), max(balance), sum(balance < 0) from customer group by segment",
  },
  withoutOrders: {
    text: `select substr(c.phone, 1, 2), count(*), sum(c.balance) from customer c
      where not exists (select 1 from orders o where o.custkey = c.key) group by 1`,
  },
  wordsOfComments: {
    text: `with recursive words(word, rest) as (
        select '', comment || ' ' from (select comment from orders union all select comment from customer)
        union all
        select substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) from words where rest <> '')
      select word, count(*) from words
      where instr(word, 'o') or instr(word, 'é') or instr(word, 'Ω') group by word`,
  },
  quotedFields: {
    text: `select sum(comment like '%"%'), sum(case when comment like '%"%' then length(comment) end),
      sum(balance > 9000) from customer`,
  },
  manyToMany: {
    text: `select l.mode, p.maker, count(*) from lineitem h join lineitem l on l.suppkey = h.suppkey
        join part p on p.key = h.partkey
      where h.quantity = 50 and l.quantity = 1 and l.linenumber = 1 group by l.mode, p.maker`,
  },
};
